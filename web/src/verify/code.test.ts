import { describe, expect, test } from 'vitest';
import { alike, scanned } from './code';

const host = 'absah.contoh.go.id';

describe('scanned', () => {
  test.each([
    ['https://absah.contoh.go.id/v/K7QX-2M4P', { kind: 'own', code: 'K7QX-2M4P' }],
    [' https://absah.contoh.go.id/v/K7QX-2M4P/ ', { kind: 'own', code: 'K7QX-2M4P' }],
    ['absah.contoh.go.id/v/K7QX', { kind: 'own', code: 'K7QX' }],
    ['https://absah.contoh.go.id/keluar', { kind: 'other', host, alike: false }],
    ['https://absah.contoh.go.id@jahat.example/v/K7QX', { kind: 'other', host: 'jahat.example', alike: false }],
    ['https://nama@absah.contoh.go.id/v/K7QX', { kind: 'other', host, alike: false }],
    ['https://absah-contoh.go.id/v/K7QX', { kind: 'other', host: 'absah-contoh.go.id', alike: true }],
    ['https://absah.c0ntoh.go.id/v/K7QX', { kind: 'other', host: 'absah.c0ntoh.go.id', alike: true }],
    ['https://absah.contoh.go.id.periksa.example/v/K7QX', { kind: 'other', host: 'absah.contoh.go.id.periksa.example', alike: true }],
    ['https://absah.contoh.go.id:8443/v/K7QX', { kind: 'other', host: 'absah.contoh.go.id:8443', alike: true }],
    ['https://example.org/', { kind: 'other', host: 'example.org', alike: false }],
    ['javascript:alert(1)', { kind: 'text' }],
    ['Nomor 123/2027', { kind: 'text' }],
    ['', { kind: 'text' }],
  ])('%s', (text, want) => {
    expect(scanned(text, host)).toEqual(want);
  });
});

test('letters of other alphabets are told', () => {
  expect(alike(new URL('https://аbsah.contoh.go.id').host, host)).toBe(true);
  expect(alike('www.absah.contoh.go.id', host)).toBe(true);
  expect(alike('tte.komdigi.go.id', host)).toBe(false);
});
