/** What the build knows: the version of pdf.js and the size of the verifier, unpacked. */
declare const __PDFJS__: string;
declare const __WASM_SIZE__: number;
