import type { TestProject } from 'vitest/node';
import { build, buildApp, type Instance, startDemo } from './demo';

declare module 'vitest' {
  interface ProvidedContext {
    instance: Instance;
  }
}

/** One demo for all test files; a test that stops the server starts a second one for itself. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await buildApp();
  const { program, remove } = await build();
  const demo = await startDemo(program);
  const { url, dir, people, passphrase } = demo;
  project.provide('instance', { url, dir, program, people, passphrase });
  return async () => {
    await demo.stop();
    await remove();
  };
}
