// @ts-check
/** @typedef {import('./reader.js').Limits} Limits */

/** The defaults of the options: nothing that is generated reaches all of them. @type {Limits} */
export const usual = { max_url_len: 8192, max_header_line: 16_384, max_header_size: 65_536, max_headers: 100, max_body_size: 0 }

/** Limits that short inputs reach. @type {Limits} */
export const tight = { max_url_len: 48, max_header_line: 40, max_header_size: 120, max_headers: 4, max_body_size: 64 }

/** Each input is read under each of these. */
export const bothLimits = [usual, tight]
