/// An RFC 3161 timestamp authority.
public struct VirtualTSA: Sendable {
  public var root: VirtualAuthority
  /// Between root and signer.
  public var intermediate: VirtualAuthority?
  public var key: VirtualKey
  public var serial: UInt64
  /// DER of the signing certificate.
  public var certificate: [UInt8]

  /// - Parameters:
  ///   - intermediate: makes the authority between root and signer, from the root.
  ///   - adjust: changes the signing certificate before it is signed.
  public init(
    _ kind: VirtualKey.Kind = .p384, seed: String, notBefore: Int64, notAfter: Int64, serial: UInt64 = 77,
    purposes: [String]? = ["1.3.6.1.5.5.7.3.8"], purposesAreCritical: Bool = true,
    under intermediate: ((VirtualAuthority) -> VirtualAuthority)? = nil,
    adjust: (inout CertificateTemplate) -> Void = { _ in }
  ) {
    root = VirtualAuthority("tsa-root", seed: seed, notBefore: notBefore, notAfter: notAfter)
    self.intermediate = intermediate?(root)
    key = VirtualKey(kind, seed: "tsa " + seed)
    self.serial = serial
    var template = CertificateTemplate(
      notBefore: notBefore, notAfter: notAfter, subjectPublicKeyInfo: key.subjectPublicKeyInfo)
    template.serial = serial
    template.subject = DERWriter.name(organization: "virtual.test", commonName: "tsa")
    template.extensions = [.keyUsage([0])]
    if let purposes { template.extensions.append(.extendedKeyUsage(purposes, isCritical: purposesAreCritical)) }
    adjust(&template)
    let issuer = self.intermediate ?? root
    certificate = template.signed(issuer: issuer.name, key: issuer.key)
  }

  /// As the trusted root lists it: signer first.
  public var chain: [[UInt8]] { [certificate] + [intermediate, root].compactMap { $0?.certificate } }

  /// DER TimeStampResp over `message`.
  public func stamp(_ message: [UInt8], _ request: Request) -> [UInt8] {
    typealias D = DERWriter
    let info = Self.info(message, request)
    let signedData = D.sequence(
      D.integer(request.version), D.set(request.listedDigests ?? request.digestHash.algorithmIdentifier),
      D.sequence(D.identifier(request.contentType), D.element(0xa0, D.octets(info))),
      request.certificates.map { D.element(0xa0, $0.flatMap { $0 }) } ?? [], request.revocationLists,
      D.element(
        0x31, [UInt8]((0..<request.signerCount).flatMap { _ in signer(info, request) })))
    return D.sequence(
      D.sequence(D.integer(request.status), request.statusText.map { D.sequence(D.utf8($0)) } ?? []),
      D.sequence(D.identifier(request.envelopeType), D.element(0xa0, signedData))) + request.leftover
  }

  /// TSTInfo, RFC 3161, 2.4.2.
  private static func info(_ message: [UInt8], _ request: Request) -> [UInt8] {
    typealias D = DERWriter
    let imprint = D.sequence(
      request.imprintAlgorithm ?? request.imprintHash.algorithmIdentifier,
      D.octets(request.imprint ?? request.imprintHash(message)))
    return D.sequence(
      D.integer(request.infoVersion), D.identifier("1.3.6.1.4.1.57264.2"), imprint, D.integer(4711),
      D.element(0x18, Array((request.time + request.timeZone).utf8)), request.accuracy,
      request.nonce.map { D.integer($0) } ?? [], request.infoTail)
  }

  /// SignerInfo, RFC 5652, 5.3.
  private func signer(_ info: [UInt8], _ request: Request) -> [UInt8] {
    typealias D = DERWriter
    var attributes = [
      (Request.contentTypeAttribute, D.identifier(request.signedContentType ?? request.contentType)),
      (Request.messageDigestAttribute, D.octets(request.messageDigest ?? request.digestHash(info))),
    ]
    let named = request.namedCertificate ?? certificate
    switch request.naming {
    case .secondForm(let hash):
      let algorithm = hash == .sha256 ? [] : hash.algorithmIdentifier
      attributes.append((Request.certificateV2, Self.certificateName(algorithm + D.octets(hash(named)))))
    case .firstForm:
      // Its SHA-1, which nobody computes here, has 20 bytes.
      attributes.append((Request.certificateV1, Self.certificateName(D.octets([UInt8](repeating: 0, count: 20)))))
    }
    request.editAttributes(&attributes)
    let list = attributes.flatMap { D.sequence(D.identifier($0.0), D.set($0.1)) }
    let signature = (request.signingKey ?? key).sign(D.element(0x31, list), hash: request.digestHash)
    let issuer = (intermediate ?? root).name
    let name = request.signerKeyIdentifier.map { D.element(0x80, $0) } ?? D.sequence(issuer, D.integer(serial))
    return D.sequence(
      D.integer(request.signerVersion ?? (request.signerKeyIdentifier == nil ? 1 : 3)), name,
      request.digestHash.algorithmIdentifier, D.element(0xa0, list),
      request.signatureAlgorithm ?? key.signatureAlgorithm(request.digestHash), D.octets(signature),
      request.unsignedAttributes)
  }

  private static func certificateName(_ identifier: [UInt8]) -> [UInt8] {
    DERWriter.sequence(DERWriter.sequence(DERWriter.sequence(identifier)))
  }
}

extension HashName {
  /// RFC 5754, 2, without parameters.
  public var algorithmIdentifier: [UInt8] {
    let last = [HashName.sha256: "1", .sha384: "2", .sha512: "3"][self] ?? "1"
    return DERWriter.sequence(DERWriter.identifier("2.16.840.1.101.3.4.2." + last))
  }
}
