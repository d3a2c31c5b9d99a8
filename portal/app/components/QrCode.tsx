/** An invite link as a picture. Imports qrcode: it is loaded lazily. */
import QRCode from "qrcode";

/** A QR code as one path: dark on white in either colour scheme, because cameras expect that. */
export default function QrCode({ value, size = 160 }: { value: string; size?: number }) {
  const { modules } = QRCode.create(value, { errorCorrectionLevel: "M" });
  const path = Array.from(modules.data, (dark, i) =>
    dark ? `M${i % modules.size} ${Math.floor(i / modules.size)}h1v1h-1z` : "",
  ).join("");
  return (
    <svg
      viewBox={`-3 -3 ${modules.size + 6} ${modules.size + 6}`}
      width={size}
      height={size}
      role="img"
      aria-label={`QR code of ${value}`}
      shapeRendering="crispEdges"
    >
      <rect x={-3} y={-3} width={modules.size + 6} height={modules.size + 6} fill="#fff" />
      <path d={path} fill="#000" />
    </svg>
  );
}
