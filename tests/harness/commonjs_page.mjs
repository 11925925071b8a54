// Makes one script of an npm package for a page that has no bundler: every CommonJS module it needs, wrapped, and a require() among them.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';

// `name` as node resolves it from here; `global` is the window property that gets its exports; what is in `without` is left empty.
export function pageScript(name, global, { without = [] } = {}) {
  const modules = new Map();
  const add = (file) => {
    if (modules.has(file)) return;
    const source = readFileSync(file, 'utf8');
    modules.set(file, { source, needs: {} });
    const resolve = createRequire(file).resolve;
    for (const [, wanted] of source.matchAll(/require\(["']([^"']+)["']\)/g)) {
      if (without.includes(wanted)) continue;
      // A trailing slash asks for the npm package where node has a module of the same name (events).
      const found = wanted.startsWith('.') ? resolve(wanted) : resolve(`${wanted}/`);
      modules.get(file).needs[wanted] = found;
      add(found);
    }
  };
  const entry = createRequire(import.meta.url).resolve(name);
  add(entry);
  const table = [...modules].map(([file, { source, needs }]) => `${JSON.stringify(file)}: {needs: ${JSON.stringify(needs)}, run(module, exports, require) {\n${source}\n}}`);
  return `{ const modules = {${table.join(',\n')}}, made = {};
const load = (file) => { if (!made[file]) { made[file] = { exports: {} }; modules[file].run(made[file], made[file].exports, (name) => (modules[file].needs[name] ? load(modules[file].needs[name]) : {})); } return made[file].exports; };
window[${JSON.stringify(global)}] = load(${JSON.stringify(entry)}); }`;
}
