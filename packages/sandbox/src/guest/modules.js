// Modules of a script: evaluated one after another, once for each context, and what they export.
(function (core) {
  "use strict";
  const { freeze, current, setCurrent, rawThen } = core,
    { defineProperty, getOwnPropertyDescriptor, getOwnPropertyNames, setPrototypeOf } = Object,
    tag = Symbol.toStringTag,
    sort = core.uncurry(Array.prototype.sort);

  /** The namespace object of a module: its own exports (data properties, or getters where the value may change later) and
   *  those of `export *`. That no two of these are different things of one name was checked when the script was saved. */
  core.exportsOf = (own, stars) => {
    const found = { __proto__: null },
      take = (from, isStar) => {
        const names = getOwnPropertyNames(from);
        for (let i = 0; i < names.length; i++) {
          const name = names[i];
          if (isStar && (name === "default" || found[name] !== undefined)) continue;
          found[name] = setPrototypeOf(getOwnPropertyDescriptor(from, name), null);
        }
      };
    take(own, false);
    for (let i = 0; i < stars.length; i++) take(stars[i], true);
    const namespace = { __proto__: null },
      names = sort(getOwnPropertyNames(found));
    for (let i = 0; i < names.length; i++) defineProperty(namespace, names[i], found[names[i]]);
    defineProperty(namespace, tag, { __proto__: null, value: "Module" });
    return freeze(namespace);
  };

  /** Evaluates `units`, the modules before those that import them and the script itself last, and gives what the last one
   *  gives. `names` has the specifier of each module. */
  core.link = (helpers, names, units) => {
    const run = current(),
      made = { __proto__: null },
      own = freeze({
        __proto__: helpers,
        import: (specifier) => made[specifier] ?? helpers.import(specifier),
      });
    const evaluate = (index) => {
      setCurrent(run);
      const unit = units[index],
        evaluated = unit(own);
      if (index === names.length) return evaluated;
      return rawThen(evaluated, (namespace) => {
        made[names[index]] = namespace;
        return evaluate(index + 1);
      });
    };
    return evaluate(0);
  };
});
