/** What the build knows: the version of pdf.js and the sizes of the verifier and of what writes
 * reports, unpacked. */
declare const __PDFJS__: string;
declare const __WASM_SIZE__: number;
declare const __REPORT_SIZE__: number;
