/// The hash algorithms that Sigstore's formats name and this project checks.
public enum HashAlgorithm: String, Sendable, Hashable, CaseIterable {
  case sha256, sha384, sha512

  /// Length of a digest in bytes.
  public var byteCount: Int {
    switch self {
    case .sha256: 32
    case .sha384: 48
    case .sha512: 64
    }
  }
}

/// A digest together with its algorithm: the length always fits.
public struct Digest: Sendable, Hashable {
  public let algorithm: HashAlgorithm
  public let bytes: [UInt8]

  /// Nil if `bytes` is not as long as a digest of `algorithm`.
  public init?(_ algorithm: HashAlgorithm, _ bytes: [UInt8]) {
    guard bytes.count == algorithm.byteCount else { return nil }
    self.algorithm = algorithm
    self.bytes = bytes
  }

  /// `sha256:<hex>`; nil for anything else than `text` gives, but for the case of the hex digits.
  public init?(text: String) {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, let algorithm = HashAlgorithm(rawValue: parts[0]), let bytes = try? Hex.decode(parts[1])
    else { return nil }
    self.init(algorithm, bytes)
  }

  /// `sha256:<hex>`
  public var text: String { algorithm.rawValue + ":" + Hex.encode(bytes) }
}
