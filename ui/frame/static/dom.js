/* What the scripts of a page share: finding things in it. */

export const typing = (node) => node && node.closest && node.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
export const by = (selector, root = document) => Array.from(root.querySelectorAll(selector));
