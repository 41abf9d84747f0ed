// Reads `--name value` pairs. Numbers stay numbers.
"use strict";

function options(defaults) {
  const found = { ...defaults };
  const words = process.argv.slice(2);
  for (let i = 0; i + 1 < words.length; i += 2) {
    const name = words[i].replace(/^--/, "").replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    if (!(name in defaults)) throw new Error(`there is no option ${words[i]}`);
    found[name] = typeof defaults[name] === "number" ? Number(words[i + 1]) : words[i + 1];
  }
  return found;
}

module.exports = { options };
