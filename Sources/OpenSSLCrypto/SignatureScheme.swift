public import WireCoding

/// How a signature is made. The verifier names it; it is never read from the signature.
public enum SignatureScheme: Sendable, Hashable {
  /// FIPS 186-4 ECDSA, signature as DER `SEQUENCE { r INTEGER, s INTEGER }` (RFC 3279, 2.2.3).
  case ecdsa(HashAlgorithm)
  /// RFC 8017, 8.2.
  case rsaPKCS1v15(HashAlgorithm)
  /// RFC 8017, 8.1, with MGF1 of the same hash and any salt length.
  case rsaPSS(HashAlgorithm)
  /// RFC 8032 Ed25519, pure: needs the message itself.
  case ed25519

  public var hash: HashAlgorithm? {
    switch self {
    case .ecdsa(let hash), .rsaPKCS1v15(let hash), .rsaPSS(let hash): hash
    case .ed25519: nil
    }
  }

  /// The same scheme over another hash; Ed25519 stays as it is.
  public func over(_ hash: HashAlgorithm) -> SignatureScheme {
    switch self {
    case .ecdsa: .ecdsa(hash)
    case .rsaPKCS1v15: .rsaPKCS1v15(hash)
    case .rsaPSS: .rsaPSS(hash)
    case .ed25519: .ed25519
    }
  }

  public var name: String {
    switch self {
    case .ecdsa(let hash): "ECDSA with \(hash.rawValue)"
    case .rsaPKCS1v15(let hash): "RSA PKCS#1 v1.5 with \(hash.rawValue)"
    case .rsaPSS(let hash): "RSA-PSS with \(hash.rawValue)"
    case .ed25519: "Ed25519"
    }
  }
}

/// The keys that are accepted at all.
public enum KeyAlgorithm: Sendable, Hashable {
  case p256, p384, p521
  /// Modulus length in bits: 2048, 3072 or 4096.
  case rsa(bits: Int)
  case ed25519

  public var name: String {
    switch self {
    case .p256: "P-256"
    case .p384: "P-384"
    case .p521: "P-521"
    case .rsa(let bits): "RSA \(bits)"
    case .ed25519: "Ed25519"
    }
  }

  /// The scheme that Sigstore's algorithm registry gives a key of this kind when nothing else is said.
  public var defaultScheme: SignatureScheme {
    switch self {
    case .p256: .ecdsa(.sha256)
    case .p384: .ecdsa(.sha384)
    case .p521: .ecdsa(.sha512)
    case .rsa: .rsaPKCS1v15(.sha256)
    case .ed25519: .ed25519
    }
  }

  func accepts(_ scheme: SignatureScheme) -> Bool {
    switch (self, scheme) {
    case (.p256, .ecdsa), (.p384, .ecdsa), (.p521, .ecdsa), (.rsa, .rsaPKCS1v15), (.rsa, .rsaPSS),
      (.ed25519, .ed25519):
      true
    default: false
    }
  }
}
