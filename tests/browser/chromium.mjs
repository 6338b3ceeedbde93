// Unpacks the Chromium that the npm package ships and prints, as JSON, its path and the libraries it needs.
// The package unpacks its own libraries only where it believes to run on a bare cloud image.
process.env.AWS_LAMBDA_JS_RUNTIME = "nodejs22.x";
const { default: chromium } = await import("@sparticuz/chromium");
const executable = await chromium.executablePath();
console.log(JSON.stringify({ executable, libraries: process.env.LD_LIBRARY_PATH ?? "" }));
