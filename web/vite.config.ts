import { svelte } from '@sveltejs/vite-plugin-svelte';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';


// The workers that run the verifier, which alone may compile wasm: the server knows them by their folder.
const runWasm = ['/src/verify/worker.ts', '/src/simulasi/worker.ts'];

const pdfjs = JSON.parse(readFileSync('node_modules/pdfjs-dist/package.json', 'utf8')).version as string;
const sizeOf = (file: string) => (existsSync(file) ? statSync(file).size : 0);

const define = {
  __PDFJS__: JSON.stringify(pdfjs),
  __WASM_SIZE__: String(sizeOf('wasm/absah.wasm')),
  __REPORT_SIZE__: String(sizeOf('wasm/report.wasm')),
};

// What pdf.js asks for by name: fonts that documents leave out, maps of Asian characters, and the decoder of JPEG 2000 that needs no
// wasm. The folder carries the version, so that it may be kept for ever.
const pdfFiles: Plugin = {
  name: 'pdf-files',
  apply: 'build',
  generateBundle() {
    for (const [folder, wanted] of [
      ['standard_fonts', /./],
      ['cmaps', /./],
      ['wasm', /^openjpeg_nowasm_fallback\.js$|^LICENSE_(PDFJS_)?OPENJPEG$/],
    ] as const) {
      for (const name of readdirSync(`node_modules/pdfjs-dist/${folder}`).filter((n) => wanted.test(n))) {
        const fileName = `app/pdfjs-${pdfjs}/${name}${name.startsWith('LICENSE') ? `-${folder}.txt` : ''}`;
        this.emitFile({ type: 'asset', fileName, source: readFileSync(`node_modules/pdfjs-dist/${folder}/${name}`) });
      }
    }
  },
};

export default defineConfig({
  define,
  plugins: [svelte(), pdfFiles],
  base: '/',
  // Tests run the browser's Svelte, which can mount.
  resolve: process.env.VITEST ? { conditions: ['browser'] } : {},
  server: { fs: { allow: ['..'] } },
  worker: {
    format: 'es',
    rolldownOptions: {
      output: {
        entryFileNames: (chunk) =>
          runWasm.some((file) => chunk.facadeModuleId?.endsWith(file))
            ? 'app/wasm/[name]-[hash].js'
            : 'app/worker/[name]-[hash].js',
        chunkFileNames: 'app/worker/[name]-[hash].js',
        assetFileNames: 'app/[name]-[hash][extname]',
      },
    },
  },
  build: {
    target: 'es2022',
    outDir: '../internal/web/dist',
    emptyOutDir: true, // it lies outside of this folder: Vite would let old files stay
    manifest: 'manifest.json',
    assetsDir: 'app',
    assetsInlineLimit: 0, // a script in a data: address is one that the policy forbids
    reportCompressedSize: false,
    rolldownOptions: {
      checks: { pluginTimings: false }, // most of the time is the compressor's
      input: { main: 'src/main.ts', sw: 'src/sw.ts' },
      output: {
        // A service worker is known by its address, so it has no hash.
        entryFileNames: (chunk) => (chunk.name === 'sw' ? '[name].js' : 'app/[name]-[hash].js'),
        chunkFileNames: 'app/[name]-[hash].js',
        assetFileNames: 'app/[name]-[hash][extname]',
      },
    },
  },
  test: {
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'jsdom', include: ['src/**/*.test.ts', 'test/**/*.test.ts'] },
      },
      {
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/setup.ts'],
          fileParallelism: false, // one browser at a time is fast enough on two cores
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        // Commands, not tests: npm run pictures, npm run speed.
        test: {
          name: 'look',
          environment: 'node',
          include: ['e2e/**/*.run.ts'],
          globalSetup: ['e2e/setup.ts'],
          fileParallelism: false,
          testTimeout: 1_200_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
