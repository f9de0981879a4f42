import COpenSSL
import WireCoding

/// Why libcrypto built no path.
public struct PathRejection: Error, Sendable, Hashable {
  public enum Reason: Sendable, Hashable {
    case noIssuer, badSignature, notAuthority, pathLength, criticalExtension, weakAlgorithm, other
  }
  public let reason: Reason
  /// 0 is the leaf.
  public let depth: Int
  /// libcrypto's sentence.
  public let text: String
}

/// Anchors for path building: each of them ends a path, self-signed or not.
public final class AnchorStore: @unchecked Sendable {
  // An X509_STORE locks inside; it is not changed after init.
  private let handle: OpaquePointer
  private let anchors: [Certificate]

  public init(_ anchors: [Certificate]) throws(CryptoFailure) {
    guard let fresh = X509_STORE_new() else { throw CryptoFailure(.libcrypto, "X509_STORE_new") }
    for anchor in anchors where X509_STORE_add_cert(fresh, anchor.handle) != 1 {
      X509_STORE_free(fresh)
      ERR_clear_error()
      throw CryptoFailure(.libcrypto, "X509_STORE_add_cert")
    }
    self.anchors = anchors
    handle = fresh
  }

  deinit { X509_STORE_free(handle) }

  /// Builds a path from `leaf` to an anchor by RFC 5280, 6.1: signatures, names, CA flags, path lengths, unknown critical extensions.
  ///
  /// Not checked here: validity times (libcrypto counts the last second of a certificate as expired, RFC 5280, 4.1.2.5 does not; the caller
  /// compares every certificate of the returned path with every trusted time), extended key usage, revocation.
  /// - Returns: the path, leaf first, anchor last.
  public func path(
    from leaf: Certificate, through untrusted: [Certificate] = []
  ) throws(PathRejection) -> [Certificate] {
    let impossible = PathRejection(reason: .other, depth: 0, text: "libcrypto failed")
    guard let context = X509_STORE_CTX_new(), let stack = nexo_sk_X509_new() else { throw impossible }
    defer {
      X509_STORE_CTX_free(context)
      nexo_sk_X509_free(stack)
      ERR_clear_error()
    }
    for certificate in untrusted where nexo_sk_X509_push(stack, certificate.handle) <= 0 { throw impossible }
    guard X509_STORE_CTX_init(context, handle, leaf.handle, stack) == 1,
      let parameters = X509_STORE_CTX_get0_param(context)
    else { throw impossible }
    let flags = UInt(X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_TRUSTED_FIRST)
    guard X509_VERIFY_PARAM_set_flags(parameters, flags) == 1 else { throw impossible }
    // 112 bits: RSA of 2048 bits, no SHA-1 in any signature of the path.
    X509_VERIFY_PARAM_set_auth_level(parameters, 2)
    X509_VERIFY_PARAM_set_depth(parameters, 10)
    guard X509_verify_cert(context) == 1 else { throw rejection(context) }
    guard let path = builtPath(context, known: [leaf] + untrusted + anchors) else { throw impossible }
    return path
  }

  private func builtPath(_ context: OpaquePointer, known: [Certificate]) -> [Certificate]? {
    guard let chain = X509_STORE_CTX_get0_chain(context) else { return nil }
    var path: [Certificate] = []
    for index in 0..<nexo_sk_X509_num(chain) {
      guard let element = nexo_sk_X509_value(chain, index),
        let certificate = known.first(where: { X509_cmp($0.handle, element) == 0 })
      else { return nil }
      path.append(certificate)
    }
    return path.isEmpty ? nil : path
  }

  private func rejection(_ context: OpaquePointer) -> PathRejection {
    let code = X509_STORE_CTX_get_error(context)
    let reason: PathRejection.Reason =
      switch code {
      case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT, X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY,
        X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE, X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT,
        X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        .noIssuer
      case X509_V_ERR_CERT_SIGNATURE_FAILURE, X509_V_ERR_UNABLE_TO_DECRYPT_CERT_SIGNATURE: .badSignature
      case X509_V_ERR_INVALID_CA, X509_V_ERR_KEYUSAGE_NO_CERTSIGN: .notAuthority
      case X509_V_ERR_PATH_LENGTH_EXCEEDED, X509_V_ERR_CERT_CHAIN_TOO_LONG: .pathLength
      case X509_V_ERR_UNHANDLED_CRITICAL_EXTENSION: .criticalExtension
      case X509_V_ERR_EE_KEY_TOO_SMALL, X509_V_ERR_CA_KEY_TOO_SMALL, X509_V_ERR_CA_MD_TOO_WEAK: .weakAlgorithm
      default: .other
      }
    return PathRejection(
      reason: reason, depth: Int(X509_STORE_CTX_get_error_depth(context)),
      text: X509_verify_cert_error_string(Int(code)).map { String(cString: $0) } ?? "error \(code)")
  }
}
