// Which system this is, so that its steps stand first. A guess is enough: the others stand below.

export const systems = ['android', 'ios', 'desktop', 'firefox'] as const;
export type System = (typeof systems)[number];

export function guess(agent: string, touchPoints: number): System {
  if (/firefox/i.test(agent) && !/seamonkey/i.test(agent)) return 'firefox';
  if (/iphone|ipad|ipod/i.test(agent)) return 'ios';
  // An iPad says that it is a Mac, but no Mac has a screen for more than one finger.
  if (/macintosh/i.test(agent) && touchPoints > 1) return 'ios';
  return /android/i.test(agent) ? 'android' : 'desktop';
}

/** How many steps each system has; their words are install.<system>.<n>. */
export const steps: Record<System, readonly (1 | 2 | 3)[]> = {
  android: [1, 2, 3],
  ios: [1, 2, 3],
  desktop: [1, 2],
  firefox: [1, 2],
};
