export { useSigned } from "@/lib/use-signed";
