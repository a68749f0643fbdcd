import type { ImageContent } from "../../../schema/wire/media.ts";
import type { Content } from "../../../schema/wire/message.ts";
import { pictureSize } from "./picture-size.ts";
import { sizeText } from "./size-text.ts";

/** What a message contains: its text, or something uploaded, which `text` names. */
export function MessageContent({ content, text }: { content: Content | null; text: string }) {
  switch (content?.type) {
    case "image":
      return <Picture image={content} alt={text} />;
    case "voice":
      return (
        // biome-ignore lint/a11y/useMediaCaption: nobody has written down what a person said.
        <audio controls preload="none" src={content.url} aria-label={text} />
      );
    case "file":
      return (
        <p className="message-text" dir="auto">
          <a href={content.url} download={content.name}>
            {content.name}
          </a>{" "}
          ({sizeText(content.size)})
        </p>
      );
    default:
      return (
        <p className="message-text" dir="auto" data-recalled={content === null}>
          {text}
        </p>
      );
  }
}

/** The smaller picture, which leads to the whole one. */
function Picture({ image, alt }: { image: ImageContent; alt: string }) {
  return (
    <a className="message-picture" href={image.url} target="_blank" rel="noreferrer">
      <img src={`${image.url}?w=320`} {...pictureSize(image)} alt={alt} loading="lazy" />
    </a>
  );
}
