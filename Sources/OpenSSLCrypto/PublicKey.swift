import COpenSSL
public import WireCoding

/// A public key that is fit for use: an accepted algorithm and size, a named curve, a point on it.
///
/// Promises nothing about whose key it is.
public final class PublicKey: @unchecked Sendable {
  // Written once before the object is shared; libcrypto locks inside an EVP_PKEY.
  let handle: OpaquePointer
  public let algorithm: KeyAlgorithm
  /// DER `SubjectPublicKeyInfo`, the one accepted encoding of this key.
  public let subjectPublicKeyInfo: [UInt8]

  /// - Parameter bytes: DER `SubjectPublicKeyInfo` (RFC 5280, 4.1.2.7), nothing after it.
  public convenience init(subjectPublicKeyInfo bytes: [UInt8]) throws(CryptoFailure) {
    let structure = try KeyStructure(subjectPublicKeyInfo: bytes)
    _ = Library.shared
    guard let handle = structure.curveGroup.map({ Self.handle(group: $0, point: structure.key) }) ?? Self.handle(bytes)
    else {
      ERR_clear_error()
      throw CryptoFailure(.keyMalformed, "\(structure.algorithm.name) key refused by libcrypto")
    }
    let algorithm = structure.algorithm
    self.init(owning: handle, algorithm: algorithm, subjectPublicKeyInfo: bytes)
  }

  /// - Parameter bytes: DER `RSAPublicKey` (RFC 8017, A.1.1) without the SubjectPublicKeyInfo around it.
  public convenience init(pkcs1 bytes: [UInt8]) throws(CryptoFailure) {
    _ = try KeyStructure.rsa(bytes)
    let rsaEncryption: [UInt8] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00]
    let wrapped = DER.encode(
      DERTag.sequence, DER.encode(DERTag.sequence, rsaEncryption) + DER.encode(DERTag.bitString, [0] + bytes))
    try self.init(subjectPublicKeyInfo: wrapped)
  }

  private static func handle(_ bytes: [UInt8]) -> OpaquePointer? {
    bytes.withUnsafeBufferPointer { buffer in
      var cursor = buffer.baseAddress
      return d2i_PUBKEY(nil, &cursor, buffer.count)
    }
  }

  /// From the point itself: libcrypto's decoder for the whole structure takes five times as long. A point that is not on the curve is
  /// refused here as there.
  private static func handle(group: StaticString, point: [UInt8]) -> OpaquePointer? {
    nexo_EVP_PKEY_from_point(group.utf8Start, point, point.count)
  }

  /// The key of a certificate that libcrypto has decoded already: decoding it again would cost as much as a signature.
  convenience init(
    ofCertificate certificate: OpaquePointer, algorithm: KeyAlgorithm, subjectPublicKeyInfo bytes: [UInt8]
  ) throws(CryptoFailure) {
    guard let handle = X509_get_pubkey(certificate) else {
      ERR_clear_error()
      throw CryptoFailure(.keyMalformed, "\(algorithm.name) key refused by libcrypto")
    }
    self.init(owning: handle, algorithm: algorithm, subjectPublicKeyInfo: bytes)
  }

  private init(owning handle: OpaquePointer, algorithm: KeyAlgorithm, subjectPublicKeyInfo: [UInt8]) {
    self.handle = handle
    self.algorithm = algorithm
    self.subjectPublicKeyInfo = subjectPublicKeyInfo
  }

  deinit { EVP_PKEY_free(handle) }

  /// Whether `signature` is this key's over a message with that digest. Not possible for Ed25519, which signs messages.
  ///
  /// Throws `signatureMalformed` for bytes that are no signature of this kind at all.
  public func isValid(
    signature: [UInt8], over digest: Digest, scheme: SignatureScheme
  ) throws(CryptoFailure) -> Bool {
    guard algorithm.accepts(scheme), scheme.hash == digest.algorithm else {
      throw CryptoFailure(
        .schemeUnsupported, "\(algorithm.name) key with \(scheme.name) over a \(digest.algorithm.rawValue)")
    }
    if case .ecdsa = scheme { try ECDSASignature.check(signature) }
    let method = try Library.shared.digest(digest.algorithm)
    guard let context = EVP_PKEY_CTX_new_from_pkey(nil, handle, nil) else {
      throw CryptoFailure(.libcrypto, "EVP_PKEY_CTX_new_from_pkey")
    }
    defer {
      EVP_PKEY_CTX_free(context)
      ERR_clear_error()
    }
    guard EVP_PKEY_verify_init(context) == 1, EVP_PKEY_CTX_set_signature_md(context, method) == 1 else {
      throw CryptoFailure(.libcrypto, "EVP_PKEY_verify_init")
    }
    switch scheme {
    case .rsaPKCS1v15:
      guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 else {
        throw CryptoFailure(.libcrypto, "EVP_PKEY_CTX_set_rsa_padding")
      }
    case .rsaPSS:
      guard EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1,
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, method) == 1
      else { throw CryptoFailure(.libcrypto, "EVP_PKEY_CTX_set_rsa_padding") }
    case .ecdsa, .ed25519: break
    }
    return EVP_PKEY_verify(context, signature, signature.count, digest.bytes, digest.bytes.count) == 1
  }

  /// Whether `signature` is this key's over `message`. Works for every scheme.
  public func isValid(
    signature: [UInt8], overMessage message: [UInt8], scheme: SignatureScheme
  ) throws(CryptoFailure) -> Bool {
    if let hash = scheme.hash {
      return try isValid(signature: signature, over: digest(hash, of: message), scheme: scheme)
    }
    guard algorithm.accepts(scheme) else {
      throw CryptoFailure(.schemeUnsupported, "\(algorithm.name) key with \(scheme.name)")
    }
    guard signature.count == 64 else { throw CryptoFailure(.signatureMalformed, "an Ed25519 signature has 64 bytes") }
    guard let context = EVP_MD_CTX_new() else { throw CryptoFailure(.libcrypto, "EVP_MD_CTX_new") }
    defer {
      EVP_MD_CTX_free(context)
      ERR_clear_error()
    }
    guard EVP_DigestVerifyInit(context, nil, nil, nil, handle) == 1 else {
      throw CryptoFailure(.libcrypto, "EVP_DigestVerifyInit")
    }
    return EVP_DigestVerify(context, signature, signature.count, message, message.count) == 1
  }
}

/// `Ecdsa-Sig-Value ::= SEQUENCE { r INTEGER, s INTEGER }`, RFC 3279, 2.2.3. Strict DER with both numbers positive, so that one
/// signature has one encoding.
enum ECDSASignature {
  static func check(_ bytes: [UInt8]) throws(CryptoFailure) {
    do throws(CodingFailure) {
      try DER.sequence(bytes) { (signature) throws(CodingFailure) in
        for name in ["r", "s"] {
          let number = try signature.read(DERTag.integer).unsignedIntegerBytes()
          guard number.contains(where: { $0 != 0 }) else { throw CodingFailure(.der, "\(name) is zero") }
          // P-521, the widest curve: 66 bytes.
          guard number.count <= 66 else { throw CodingFailure(.der, "\(name) is longer than any curve's order") }
        }
      }
    } catch {
      throw CryptoFailure(.signatureMalformed, "ECDSA signature: \(error.detail)")
    }
  }
}
