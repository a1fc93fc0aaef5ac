// An image of the library by its UUID. Alt text and credit are stored in the library; the caption belongs to the article.
import { Node } from "django-prose-editor/editor";
import {
  announceImage,
  dataAttribute,
  focusEditor,
  hasSize,
  images,
  loadImage,
  pick,
  remember,
  showDetails,
} from "./helpers.js";

const RETRY_DELAY = 3000;
const MAX_RETRIES = 40;

export const LibraryFigure = Node.create({
  name: "libraryFigure",
  group: "block",
  content: "inline*",
  draggable: true,
  isolating: true,
  addAttributes: () => ({ image: dataAttribute("image"), size: dataAttribute("size") }),
  parseHTML: () => [
    {
      tag: "figure[data-image]",
      contentElement: (figure) => figure.querySelector("figcaption") ?? document.createElement("figcaption"),
    },
  ],
  renderHTML: ({ HTMLAttributes }) => ["figure", HTMLAttributes, ["figcaption", 0]],
  addNodeView:
    () =>
    ({ node, getPos, editor }) => {
      const dom = Object.assign(document.createElement("figure"), { className: "figure" });
      const contentDOM = Object.assign(document.createElement("figcaption"), { className: "figure__caption" });
      const preview = Object.assign(document.createElement("div"), { contentEditable: "false" });
      const credit = Object.assign(document.createElement("span"), {
        className: "figure__credit",
        contentEditable: "false",
      });
      let timer;
      const show = (image, message) => {
        dom.classList.toggle("figure--tall", image?.height > image?.width);
        const shown = preview.firstElementChild;
        credit.textContent = image?.credit ?? "";
        contentDOM.dataset.placeholder = image?.caption
          ? interpolate(gettext("From the library: %(caption)s"), image, true)
          : gettext("Caption");
        if (image?.large && shown?.getAttribute("src") === image.large) {
          shown.alt = image.alt;
          return;
        }
        const child = document.createElement(image?.large ? "img" : "span");
        if (image?.large)
          Object.assign(child, {
            src: image.large,
            alt: image.alt,
            width: image.width,
            height: image.height,
            draggable: false,
          });
        else
          Object.assign(child, {
            className: "no-image",
            textContent: image ? interpolate(gettext("%(title)s: processing"), image, true) : message,
          });
        preview.replaceChildren(child);
      };
      /** Shows the image; one that is not known yet, or has no size yet, is fetched. */
      const refresh = async (retries = 0) => {
        const { image: uuid } = node.attrs;
        if (images[uuid]) show(images[uuid]);
        else show(null, gettext("Loading the image…"));
        if (hasSize(images[uuid])) return;
        const image = await loadImage(uuid);
        if (uuid !== node.attrs.image) return;
        show(
          image,
          navigator.onLine
            ? gettext("This image is no longer in the library.")
            : gettext("No connection. The image cannot be shown."),
        );
        if (hasSize(image)) announceImage(uuid);
        else if (image && retries < MAX_RETRIES) timer = setTimeout(refresh, RETRY_DELAY, retries + 1);
      };
      const onChange = (e) => {
        if (e.detail.uuid === node.attrs.image) show(images[node.attrs.image]);
      };
      const render = (next) => {
        const isSame = dom.isConnected && next.attrs.image === node.attrs.image;
        node = next;
        for (const size of ["wide", "aside"]) dom.classList.toggle(`figure--${size}`, node.attrs.size === size);
        if (!isSame) refresh();
      };
      // A click selects the image, so that the toolbar shows its tools.
      preview.addEventListener("click", () => focusEditor(editor).setNodeSelection(getPos()).run());
      dom.append(preview, contentDOM, credit);
      render(node);
      document.addEventListener("newsroom:image", onChange);
      return {
        dom,
        contentDOM,
        ignoreMutation: (change) => !contentDOM.contains(change.target),
        update: (next) => {
          if (next.type !== node.type) return false;
          render(next);
          return true;
        },
        destroy: () => {
          clearTimeout(timer);
          document.removeEventListener("newsroom:image", onChange);
        },
      };
    },
  addCommands: () => ({
    insertImage:
      () =>
      ({ editor }) => {
        pick().then((image) => {
          if (!image) return focusEditor(editor).run();
          remember(image);
          focusEditor(editor)
            .insertContent({ type: "libraryFigure", attrs: { image: image.uuid } })
            .run();
        });
        return true;
      },
    /** Sets how the image stands in the text: "wide", "aside" or, as wide as the text, null. */
    setImageSize:
      (size) =>
      ({ commands }) =>
        commands.updateAttributes("libraryFigure", { size }),
  }),
  addKeyboardShortcuts() {
    const selected = () => {
      const { selection } = this.editor.state;
      return selection.node?.type === this.type ? selection : null;
    };
    return {
      "Mod-Alt-p": () => this.editor.commands.insertImage(),
      Enter: () => {
        const image = selected()?.node.attrs.image;
        if (image) showDetails(image).then(() => focusEditor(this.editor).run());
        return Boolean(image);
      },
      /** Selects the image whose caption has the cursor. */
      Escape: () => {
        const { $from } = this.editor.state.selection;
        return $from.parent.type === this.type && this.editor.commands.setNodeSelection($from.before());
      },
    };
  },
});
