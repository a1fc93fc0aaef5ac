// External content as a link card. Nothing is loaded from the other site, neither here nor for readers.
import { Node, Plugin } from "django-prose-editor/editor";
import { isKnown, normaliseUrl, onlyLink, siteOf } from "./embed-sites.js";
import { dataAttribute, focusEditor, images, insertBlock, loadImage, pick, prompt, remember } from "./helpers.js";

const validate = ({ embed }) => (normaliseUrl(embed) ? "" : "Enter a full URL that starts with https://.");

export const Embed = Node.create({
  name: "embed",
  group: "block",
  priority: 200, // before the paste rules
  atom: true,
  selectable: true,
  draggable: true,
  addAttributes: () => ({
    embed: dataAttribute("embed"),
    title: dataAttribute("title"),
    image: dataAttribute("image"),
  }),
  parseHTML: () => [{ tag: "div[data-embed]" }],
  renderHTML: ({ HTMLAttributes }) => ["div", HTMLAttributes],
  addNodeView() {
    return ({ node, getPos }) => {
      const { editor } = this;
      const create = (tag, properties) => Object.assign(document.createElement(tag), properties);
      const button = (text, onclick) =>
        create("button", { type: "button", className: "btn btn--small", textContent: text, onclick });
      const setAttributes = (attrs) =>
        editor.view.dispatch(editor.state.tr.setNodeMarkup(getPos(), null, { ...node.attrs, ...attrs }));
      const dom = create("div", { className: "embed embed-card" });
      const img = create("img", { draggable: false });
      const site = create("b", { className: "embed__site" });
      const title = create("input", {
        type: "text",
        className: "embed__title",
        placeholder: gettext("Title, as readers see it"),
        maxLength: 200,
        autocomplete: "off",
      });
      const url = create("span", {});
      const text = create("div", { className: "embed-card__text" });
      const chooseImage = () =>
        pick().then((image) => {
          if (image) {
            remember(image);
            setAttributes({ image: image.uuid });
          }
          focusEditor(editor).run();
        });
      const imageButton = button("", () => (node.attrs.image ? setAttributes({ image: null }) : chooseImage()));
      const urlButton = button(gettext("Edit"), () => editor.commands.editEmbed(getPos()));
      const showImage = (image) => {
        img.hidden = !image?.large;
        if (image?.large) Object.assign(img, { src: image.large, alt: image.alt });
      };
      const render = (current) => {
        node = current;
        const { image: uuid } = node.attrs;
        showImage(images[uuid]);
        if (uuid && !images[uuid])
          loadImage(uuid).then((image) => {
            if (node.attrs.image === uuid) showImage(image);
          });
        site.textContent = siteOf(node.attrs.embed);
        if (title.value.trim() !== (node.attrs.title ?? "")) title.value = node.attrs.title ?? "";
        title.ariaLabel = interpolate(gettext("Title of the card for %(site)s"), { site: site.textContent }, true);
        url.textContent = node.attrs.embed;
        imageButton.textContent = uuid ? gettext("Remove image") : gettext("Add image");
      };
      title.addEventListener("input", () => setAttributes({ title: title.value.trim() || null }));
      title.addEventListener("keydown", (e) => {
        if (e.key !== "Enter" || e.isComposing || e.ctrlKey || e.metaKey) return;
        e.preventDefault();
        const after = getPos() + node.nodeSize;
        editor.view.focus();
        editor.commands.setTextSelection(Math.min(after + 1, editor.state.doc.content.size));
      });
      text.append(site, title, url);
      dom.append(img, text, urlButton, imageButton);
      render(node);
      return {
        dom,
        ignoreMutation: () => true,
        stopEvent: (e) => e.target.closest?.("button, input") !== null && !e.type.startsWith("drag"),
        update: (next) => {
          if (next.type !== node.type) return false;
          render(next);
          return true;
        },
      };
    };
  },
  addCommands() {
    const askForEmbed = (node, submit) =>
      prompt({
        title: gettext("Embed"),
        submit,
        validate,
        fields: [
          { name: "embed", label: gettext("URL"), value: node?.attrs.embed },
          { name: "title", label: gettext("Title (optional)"), value: node?.attrs.title },
        ],
        hint: gettext(
          "Readers see a card that opens the other site in a new tab. Nothing is loaded from there before.",
        ),
      }).then((values) => values && { embed: normaliseUrl(values.embed), title: values.title.trim() || null });
    return {
      insertEmbed:
        () =>
        ({ editor }) => {
          askForEmbed(null, gettext("Insert")).then((attrs) => {
            if (attrs) insertBlock(editor, editor.schema.nodes.embed.create(attrs));
            else focusEditor(editor).run();
          });
          return true;
        },
      editEmbed:
        (at) =>
        ({ editor, state }) => {
          const node = state.doc.nodeAt(at);
          askForEmbed(node, gettext("Save")).then((attrs) => {
            if (attrs) editor.view.dispatch(editor.state.tr.setNodeMarkup(at, null, { ...node.attrs, ...attrs }));
            focusEditor(editor).run();
          });
          return true;
        },
    };
  },
  addProseMirrorPlugins() {
    const { editor } = this;
    return [
      new Plugin({
        props: {
          // The address of a known site, or a single link to one, pasted on an empty line, becomes a card.
          handlePaste: (view, event) => {
            const { $from, empty } = view.state.selection;
            const link = onlyLink(event.clipboardData?.getData("text/html") ?? "");
            const href = link?.href || normaliseUrl(event.clipboardData?.getData("text/plain") ?? "");
            if (
              !href ||
              !isKnown(href) ||
              !empty ||
              $from.depth !== 1 ||
              $from.parent.type.name !== "paragraph" ||
              $from.parent.content.size
            )
              return false;
            const at = $from.before();
            insertBlock(editor, view.state.schema.nodes.embed.create({ embed: href, title: link?.title || null }));
            view.nodeDOM(at)?.querySelector("input")?.focus();
            return true;
          },
        },
      }),
    ];
  },
  addKeyboardShortcuts() {
    return {
      "Mod-Alt-e": () => this.editor.commands.insertEmbed(),
      Enter: () => {
        const { selection } = this.editor.state;
        return selection.node?.type.name === "embed" && this.editor.commands.editEmbed(selection.from);
      },
    };
  },
});
