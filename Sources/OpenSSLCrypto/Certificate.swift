import COpenSSL
public import WireCoding

/// A well-formed X.509 v3 certificate with an accepted public key. Nothing about it is trusted yet.
public final class Certificate: @unchecked Sendable {
  // Complete before it is shared: the extension cache of libcrypto is filled in init.
  let handle: OpaquePointer
  public let der: [UInt8]
  public let structure: CertificateStructure
  public let profile: CertificateProfile
  public let publicKey: PublicKey

  /// Largest certificate that is read; real leaves have about 2 KB.
  public static let maximumBytes = 64 * 1024

  /// - Parameter der: exactly one DER certificate, nothing after it.
  public init(der: [UInt8]) throws(CryptoFailure) {
    guard der.count <= Self.maximumBytes else {
      throw CryptoFailure(.certificateMalformed, "certificate larger than \(Self.maximumBytes) bytes")
    }
    let structure = try CertificateStructure(der: der)
    let profile = try CertificateProfile(structure)
    // Before libcrypto sees the key: it would decode any curve that the certificate describes.
    let algorithm = try KeyStructure(subjectPublicKeyInfo: structure.subjectPublicKeyInfo).algorithm
    _ = Library.shared
    let fresh = der.withUnsafeBufferPointer { buffer -> OpaquePointer? in
      var cursor = buffer.baseAddress
      guard let decoded = d2i_X509(nil, &cursor, buffer.count) else { return nil }
      guard let start = buffer.baseAddress, cursor == start + buffer.count else {
        X509_free(decoded)
        return nil
      }
      return decoded
    }
    guard let fresh else {
      ERR_clear_error()
      throw CryptoFailure(.certificateMalformed, "libcrypto cannot decode it")
    }
    do throws(CryptoFailure) {
      // Fills the cached extension flags now, while only this thread knows the certificate.
      guard X509_check_purpose(fresh, -1, 0) == 1 else {
        throw CryptoFailure(.certificateMalformed, "libcrypto refuses its extensions")
      }
      publicKey = try PublicKey(
        ofCertificate: fresh, algorithm: algorithm, subjectPublicKeyInfo: structure.subjectPublicKeyInfo)
    } catch {
      X509_free(fresh)
      ERR_clear_error()
      throw error
    }
    self.der = der
    self.structure = structure
    self.profile = profile
    handle = fresh
  }

  deinit { X509_free(handle) }

  /// Issuer and subject are the same name (RFC 5280, 3.2). Says nothing about the signature.
  public var isSelfIssued: Bool { structure.issuer == structure.subject }

  public var validity: TimeWindow { TimeWindow(start: structure.notBefore, end: structure.notAfter) }

  /// One line for people, for example `O=sigstore.dev, CN=sigstore-intermediate`. Not escaped, not for comparison.
  public var subjectText: String { nameText(X509_get_subject_name(handle)) }
  public var issuerText: String { nameText(X509_get_issuer_name(handle)) }

  private func nameText(_ name: OpaquePointer?) -> String {
    guard let name, let memory = BIO_new(BIO_s_mem()) else { return "" }
    defer { BIO_free(memory) }
    // XN_FLAG_SEP_CPLUS_SPC with escaping of control and non-ASCII bytes, as in XN_FLAG_ONELINE.
    let flags = UInt(XN_FLAG_SEP_CPLUS_SPC | ASN1_STRFLGS_ESC_CTRL | ASN1_STRFLGS_ESC_MSB)
    guard X509_NAME_print_ex(memory, name, 0, flags) >= 0 else { return "" }
    var text = [UInt8](repeating: 0, count: 1024)
    let length = BIO_read(memory, &text, Int32(text.count))
    return length > 0 ? String(decoding: text.prefix(Int(length)), as: UTF8.self) : ""
  }
}
