// How much paper is saved, with the figures of the province's training material. They are shown as such: nobody here measured them.

/** A sheet of A4 with 80 grams a square metre. */
export const gramsPerSheet = 0.21 * 0.297 * 80;

/** What the material says that one tonne of paper saves. */
export const perTonne = { trees: 17, litres: 26_500, gallons: 683.5 };

export interface Saved {
  sheets: number;
  kilograms: number;
  trees: number;
  litres: number;
  gallons: number;
}

/** saved counts a year: letters a month, pages of each, and copies that are printed of it. */
export function saved(letters: number, pages: number, copies: number): Saved {
  const sheets = letters * pages * copies * 12;
  const tonnes = (sheets * gramsPerSheet) / 1_000_000;
  return {
    sheets,
    kilograms: tonnes * 1000,
    trees: tonnes * perTonne.trees,
    litres: tonnes * perTonne.litres,
    gallons: tonnes * perTonne.gallons,
  };
}
