import COpenSSL

/// A private key of the virtual world, the same for the same seed, and so are its signatures.
public final class VirtualKey: @unchecked Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case p256, p384, p521, rsa2048, rsa1024, rsa4096, ed25519
  }

  public let kind: Kind
  /// DER SubjectPublicKeyInfo.
  public let subjectPublicKeyInfo: [UInt8]
  private let scalar: [UInt8]
  private let handle: OpaquePointer?

  public init(_ kind: Kind, seed: String) {
    self.kind = kind
    switch kind {
    case .p256, .p384, .p521:
      let curve = Curve(kind)
      scalar = curve.scalar(from: Array("key \(kind.rawValue) \(seed)".utf8))
      handle = nil
      subjectPublicKeyInfo = DERWriter.sequence(
        DERWriter.sequence(
          DERWriter.identifier("1.2.840.10045.2.1"), DERWriter.identifier(curve.identifier)),
        DERWriter.bits(curve.publicPoint(scalar)))
    case .ed25519:
      scalar = HashName.sha256(Array("key ed25519 \(seed)".utf8))
      handle = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nil, scalar, 32)
      subjectPublicKeyInfo = Self.encodedPublicKey(handle)
    case .rsa1024, .rsa2048, .rsa4096:
      scalar = []
      handle = Self.fixedKey(kind)
      subjectPublicKeyInfo = Self.encodedPublicKey(handle)
    }
  }

  deinit { EVP_PKEY_free(handle) }

  public var publicKeyPEM: String { Encoding.pem("PUBLIC KEY", subjectPublicKeyInfo) }

  /// What Sigstore's registry pairs with the key; pure Ed25519 hashes by itself.
  public var defaultHash: HashName {
    switch kind {
    case .p384: .sha384
    case .p521: .sha512
    default: .sha256
    }
  }

  /// Signature over a message: DER for ECDSA, PKCS#1 v1.5 for RSA.
  public func sign(_ message: [UInt8], hash: HashName? = nil) -> [UInt8] {
    let hash = hash ?? defaultHash
    switch kind {
    case .p256, .p384, .p521: return Curve(kind).sign(hash(message), with: scalar)
    case .rsa1024, .rsa2048, .rsa4096, .ed25519: return signWithLibrary(message, hash)
    }
  }

  /// ECDSA signature, DER, over a digest that need not be one of anything; shorter or longer ones than the curve are taken as
  /// the standard says. Only for keys on a curve.
  public func sign(digest: [UInt8]) -> [UInt8] {
    precondition(!scalar.isEmpty && kind != .ed25519, "only curves sign bare digests here")
    return Curve(kind).sign(digest, with: scalar)
  }

  /// `AlgorithmIdentifier` of the signatures that this key makes in certificates.
  func signatureAlgorithm(_ hash: HashName?) -> [UInt8] {
    let position = HashName.allCases.firstIndex(of: hash ?? defaultHash) ?? 0
    return switch kind {
    case .p256, .p384, .p521: DERWriter.sequence(DERWriter.identifier("1.2.840.10045.4.3.\(position + 2)"))
    case .rsa1024, .rsa2048, .rsa4096:
      DERWriter.sequence(DERWriter.identifier("1.2.840.113549.1.1.\(position + 11)"), [0x05, 0x00])
    case .ed25519: DERWriter.sequence(DERWriter.identifier("1.3.101.112"))
    }
  }

  private func signWithLibrary(_ message: [UInt8], _ hash: HashName) -> [UInt8] {
    let context = EVP_MD_CTX_new()
    defer { EVP_MD_CTX_free(context) }
    let name: String? = kind == .ed25519 ? nil : hash.rawValue
    precondition(EVP_DigestSignInit_ex(context, nil, name, nil, nil, handle, nil) == 1)
    var length = 1024
    var signature = [UInt8](repeating: 0, count: length)
    precondition(EVP_DigestSign(context, &signature, &length, message, message.count) == 1)
    return Array(signature.prefix(length))
  }

  private static func encodedPublicKey(_ handle: OpaquePointer?) -> [UInt8] {
    var pointer: UnsafeMutablePointer<UInt8>?
    let length = i2d_PUBKEY(handle, &pointer)
    defer { nexo_OPENSSL_free(pointer) }
    return Array(UnsafeBufferPointer(start: pointer, count: Int(length)))
  }

  private static func fixedKey(_ kind: Kind) -> OpaquePointer? {
    let base64 =
      switch kind {
      case .rsa1024: FixedRSAKey.bits1024
      case .rsa4096: FixedRSAKey.bits4096
      default: FixedRSAKey.bits2048
      }
    var bytes = [UInt8](repeating: 0, count: base64.utf8.count)
    let length = EVP_DecodeBlock(&bytes, Array(base64.utf8), Int32(base64.utf8.count))
    let padding = base64.reversed().prefix { $0 == "=" }.count
    return bytes.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      return d2i_AutoPrivateKey(nil, &cursor, Int(length) - padding)
    }
  }
}
