import { useRef } from "react";
import { ImageMime } from "../../../schema/wire/media.ts";

/** A button that lets the person pick an image. */
export function PickImage(props: { label: string; disabled: boolean; pick: (image: Blob) => void }) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button type="button" disabled={props.disabled} onClick={() => input.current?.click()}>
        {props.label}
      </button>
      <input
        ref={input}
        type="file"
        hidden
        accept={ImageMime.options.join(",")}
        onChange={(event) => {
          const [image] = event.target.files ?? [];
          // Else the same image cannot be picked twice.
          event.target.value = "";
          if (image !== undefined) props.pick(image);
        }}
      />
    </>
  );
}
