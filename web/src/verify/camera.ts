// Reading a QR: with the platform's own reader where there is one, else with a small program that is loaded then. Pictures of the
// camera are looked at and thrown away.

/** Reads the first QR of a picture. */
export type Reader = (source: HTMLVideoElement | ImageBitmap) => Promise<string | undefined>;

interface Detector {
  detect(source: CanvasImageSource): Promise<{ rawValue: string }[]>;
}

interface DetectorClass {
  new (o: { formats: string[] }): Detector;
  getSupportedFormats(): Promise<string[]>;
}

/** A photo of a phone is larger than a code needs. */
const maxSide = 1280;

export async function reader(): Promise<Reader> {
  const detectors = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  try {
    if (detectors && (await detectors.getSupportedFormats()).includes('qr_code')) {
      const detector = new detectors({ formats: ['qr_code'] });
      return async (source) => (await detector.detect(source))[0]?.rawValue;
    }
  } catch {
    // It is there by name only, as on some desktops.
  }
  const { default: find } = await import('jsqr');
  const canvas = document.createElement('canvas');
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  return async (source) => {
    const [w, h] = source instanceof HTMLVideoElement ? [source.videoWidth, source.videoHeight] : [source.width, source.height];
    if (!pen || w === 0 || h === 0) return undefined;
    const scale = Math.min(1, maxSide / Math.max(w, h));
    canvas.width = Math.round(w * scale);
    canvas.height = Math.round(h * scale);
    pen.drawImage(source, 0, 0, canvas.width, canvas.height);
    const picture = pen.getImageData(0, 0, canvas.width, canvas.height);
    return find(picture.data, picture.width, picture.height)?.data || undefined;
  };
}

/** Why there is no picture: no camera, not allowed, in use by another program, or no secure connection. */
export type CameraFault = 'none' | 'denied' | 'busy' | 'insecure';

export async function camera(): Promise<MediaStream | CameraFault> {
  if (!navigator.mediaDevices?.getUserMedia) return isSecureContext ? 'none' : 'insecure';
  try {
    return await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false });
  } catch (e) {
    const name = e instanceof DOMException ? e.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') return 'denied';
    return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none';
  }
}
