import WireCoding

/// The certificates of one authority of a trusted root: one chain in order, each signed by the next. Verified when it is made.
///
/// Says nothing about what the certificates may be used for, nor about times.
public final class AuthorityChain: Sendable {
  /// Issuer of the leaf (or the leaf itself, for a pinned signer) first, trust anchor (self-signed or not) last. Never empty.
  public let certificates: [Certificate]
  public let first: Certificate
  private let anchor: AnchorStore

  /// - Parameter encodings: DER certificates.
  public init(_ encodings: [[UInt8]]) throws(CryptoFailure) {
    var certificates: [Certificate] = []
    for encoding in encodings { certificates.append(try Certificate(der: encoding)) }
    guard let first = certificates.first, let last = certificates.last else {
      throw CryptoFailure(.certificateMalformed, "an authority without certificates")
    }
    anchor = try AnchorStore([last])
    let path: [Certificate]
    do throws(PathRejection) { path = try anchor.path(from: first, through: Array(certificates.dropFirst())) } catch {
      throw CryptoFailure(.certificateMalformed, "the authority's own chain does not verify: \(error.text)")
    }
    guard path.map(\.der) == certificates.map(\.der) else {
      throw CryptoFailure(.certificateMalformed, "the authority's certificates are not one chain in order")
    }
    self.certificates = certificates
    self.first = first
  }

  /// A path from `leaf` to the anchor by way of this chain's certificates (see `AnchorStore.path`).
  public func path(from leaf: Certificate) throws(PathRejection) -> [Certificate] {
    try anchor.path(from: leaf, through: certificates.dropLast())
  }

  /// The path that leads through every certificate of this chain, from a leaf that the first of them issued.
  public func wholePath(from leaf: Certificate) throws(PathRejection) -> [Certificate] {
    let path = try path(from: leaf)
    guard path.map(\.der) == [leaf.der] + certificates.map(\.der) else {
      throw PathRejection(reason: .noIssuer, depth: 0, text: "not issued by the first certificate of the chain")
    }
    return path
  }
}
