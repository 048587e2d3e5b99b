import { useState } from "react";
import { signAs, useSignature } from "@/lib/signature";

type Act = (by: string) => void;

/** Does things under the name of who sits here; it is asked once, and kept in this browser. */
export function useSigned() {
  const signature = useSignature();
  const [unsigned, setUnsigned] = useState<{ act: Act }>();
  return {
    name: signature,
    as: (act: Act): void => (signature ? act(signature) : setUnsigned({ act })),
    dialog: {
      open: unsigned !== undefined,
      name: signature,
      onCancel: () => setUnsigned(undefined),
      onSign: (name: string) => {
        signAs(name);
        unsigned?.act(name);
        setUnsigned(undefined);
      },
    },
  };
}
