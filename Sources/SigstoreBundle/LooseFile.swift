public import WireCoding

/// Detached files beside a blob: `.sig`, `.pem`, `.cert`, a managed key. Told by content, never by name.
public enum LooseFile {
  enum Block {
    case certificate([UInt8])
    case publicKey([UInt8])
  }

  /// A detached signature: base64 text, white space around it allowed, or else the raw bytes of the file.
  ///
  /// Text that is base64 is always read as base64, never as raw bytes.
  public static func signature(_ file: [UInt8]) throws(BundleFailure) -> [UInt8] {
    try checkSize(file)
    let text = trimmed(file)
    guard !text.isEmpty else { throw BundleFailure(.signatureEmpty) }
    if let decoded = try? Base64.decode(text) { return try checkedSignature(decoded, place: nil) }
    // A DER SEQUENCE, or a fixed-length signature, has bytes outside printable text. Printable text that is no base64 is a broken text file.
    if file.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) {
      throw BundleFailure(.base64, "the signature file is text, but not base64")
    }
    return try checkedSignature(file, place: nil)
  }

  /// What a detached signature is over: bytes that begin as a JSON object are an envelope, which no signature does.
  static func content(_ bytes: [UInt8], place: String?) throws(BundleFailure) -> SignedContent {
    guard bytes.first == UInt8(ascii: "{") else {
      return .message(MessageSignature(signature: try checkedSignature(bytes, place: place), digest: nil))
    }
    do throws(BundleFailure) { return .envelope(try Envelope(parsing: bytes)) } catch {
      throw BundleFailure(
        error.code, error.detail, got: error.got, want: error.want,
        place: [place, error.place].compactMap(\.self).joined(separator: ": "))
    }
  }

  /// A detached DSSE envelope: JSON, or base64 of it.
  public static func envelope(_ file: [UInt8]) throws(BundleFailure) -> Envelope {
    guard file.count <= 2 * Envelope.payloadLimit else {
      throw BundleFailure(.tooLarge, got: "\(file.count) bytes", want: "at most \(2 * Envelope.payloadLimit)")
    }
    let text = trimmed(file)
    guard !text.isEmpty else { throw BundleFailure(.signatureEmpty) }
    if text.first != UInt8(ascii: "{"), let decoded = try? Base64.decode(text) {
      return try Envelope(parsing: decoded)
    }
    return try Envelope(parsing: Array(text))
  }

  /// The one certificate (DER) of a `.pem` or `.cert` file: PEM, or base64 of PEM as cosign 2.x writes it.
  public static func certificate(_ file: [UInt8]) throws(BundleFailure) -> [UInt8] {
    guard case .certificate(let der) = try block(file) else {
      throw BundleFailure(.certificate, "the file holds a public key")
    }
    return der
  }

  /// Every certificate (DER) of a PEM file, in its order. Never empty; anything else beside them is refused.
  public static func certificates(_ file: [UInt8]) throws(BundleFailure) -> [[UInt8]] {
    try checkSize(file)
    let blocks: [PEMBlock]
    do throws(CodingFailure) { blocks = try PEM.decode(Array(trimmed(file))) } catch {
      throw BundleFailure(.certificate, error.detail)
    }
    guard !blocks.isEmpty else { throw BundleFailure(.certificate, "the file holds no certificate") }
    if let other = blocks.first(where: { $0.label != "CERTIFICATE" }) {
      throw BundleFailure(.certificate, "PEM block", got: other.label, want: "CERTIFICATE")
    }
    return blocks.map(\.bytes)
  }

  /// The DER TimeStampResp of cosign's `--rfc3161-timestamp` file: `{"SignedRFC3161Timestamp": base64}`.
  public static func timestamp(_ file: [UInt8]) throws(BundleFailure) -> [UInt8] {
    try checkSize(file)
    return try BundleNode.parse(file).field("SignedRFC3161Timestamp").base64()
  }

  /// The one public key (DER SubjectPublicKeyInfo) of a PEM file.
  public static func publicKey(_ file: [UInt8]) throws(BundleFailure) -> [UInt8] {
    do throws(BundleFailure) {
      guard case .publicKey(let der) = try block(file) else {
        throw BundleFailure(.key, "the file holds a certificate")
      }
      return der
    } catch {
      throw BundleFailure(.key, error.detail)
    }
  }

  static func block(_ file: [UInt8]) throws(BundleFailure) -> Block {
    try checkSize(file)
    var text = trimmed(file)
    guard !text.isEmpty else { throw BundleFailure(.certificate, "the file is empty") }
    if !text.starts(with: "-----BEGIN ".utf8) {
      guard let decoded = try? Base64.decode(text), decoded.starts(with: "-----BEGIN ".utf8) else {
        throw BundleFailure(.certificate, "neither PEM nor base64 of PEM")
      }
      text = decoded[...]
    }
    let blocks: [PEMBlock]
    do throws(CodingFailure) { blocks = try PEM.decode(Array(text)) } catch {
      throw BundleFailure(.certificate, error.detail)
    }
    guard let only = blocks.first, blocks.count == 1 else {
      throw BundleFailure(.certificate, got: "\(blocks.count) PEM blocks", want: "one")
    }
    switch only.label {
    case "CERTIFICATE": return .certificate(only.bytes)
    case "PUBLIC KEY": return .publicKey(only.bytes)
    default: throw BundleFailure(.certificate, "PEM block", got: only.label, want: "CERTIFICATE")
    }
  }

  private static func checkSize(_ file: [UInt8]) throws(BundleFailure) {
    guard file.count <= BundleLimits.looseFileBytes else {
      throw BundleFailure(.tooLarge, got: "\(file.count) bytes", want: "at most \(BundleLimits.looseFileBytes)")
    }
  }

  private static func trimmed(_ file: [UInt8]) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }
    guard let start = file.firstIndex(where: { !isBlank($0) }),
      let end = file.lastIndex(where: { !isBlank($0) })
    else { return [] }
    return file[start...end]
  }
}
