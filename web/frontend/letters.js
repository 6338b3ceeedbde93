// The size of the letters in a drawing: Chinese at the library's 12 pixels is not read once the drawing is made smaller.
// What stands beside a node keeps the size its label was laid out for.
export const LETTERS = { defaultStyle: { fontSize: 14 }, externalStyle: { fontSize: 11 } };

// Drawings take the colours of the page, and follow its theme.
export const COLOURS = { defaultFillColor: "var(--paper)", defaultStrokeColor: "var(--ink)", defaultLabelColor: "var(--ink)" };
