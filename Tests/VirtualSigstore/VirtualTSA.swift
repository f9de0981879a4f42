/// An RFC 3161 timestamp authority. Every part of a response can be made wrong.
public struct VirtualTSA: Sendable {
  public var root: VirtualAuthority
  public var key: VirtualKey
  /// DER of the signing certificate.
  public var certificate: [UInt8]

  public init(
    seed: String, notBefore: Int64, notAfter: Int64, purposes: [String]? = ["1.3.6.1.5.5.7.3.8"],
    purposesAreCritical: Bool = true
  ) {
    root = VirtualAuthority("tsa-root", seed: seed, notBefore: notBefore, notAfter: notAfter)
    key = VirtualKey(.p384, seed: "tsa " + seed)
    var template = CertificateTemplate(
      notBefore: notBefore, notAfter: notAfter, subjectPublicKeyInfo: key.subjectPublicKeyInfo)
    template.serial = 77
    template.subject = DERWriter.name(organization: "virtual.test", commonName: "tsa")
    template.extensions = [.keyUsage([0])]
    if let purposes { template.extensions.append(.extendedKeyUsage(purposes, isCritical: purposesAreCritical)) }
    certificate = template.signed(issuer: root.name, key: root.key)
  }

  /// As the trusted root lists it: signer first.
  public var chain: [[UInt8]] { [certificate, root.certificate] }

  public struct Request: Sendable {
    /// GeneralizedTime without its `Z`, for example `20231114221320`.
    public var time: String
    public var imprintHash = HashName.sha256
    /// Put in place of the hash of what is stamped.
    public var imprint: [UInt8]?
    public var status: UInt64 = 0
    public var nonce: UInt64?
    /// Certificates that the token brings along, in this order; nil leaves the set out.
    public var certificates: [[UInt8]]? = []
    public var signingKey: VirtualKey?
    /// Put in place of the signer's certificate in the signed attribute.
    public var namedCertificate: [UInt8]?
    public var leftover: [UInt8] = []

    public init(time: String) { self.time = time }
  }

  private static func hashIdentifier(_ hash: HashName) -> [UInt8] {
    let last = [HashName.sha256: "1", .sha384: "2", .sha512: "3"][hash] ?? "1"
    return DERWriter.sequence(DERWriter.identifier("2.16.840.1.101.3.4.2." + last))
  }

  /// DER TimeStampResp over `message`.
  public func stamp(_ message: [UInt8], _ request: Request) -> [UInt8] {
    typealias D = DERWriter
    let info = D.sequence(
      D.integer(1), D.identifier("1.3.6.1.4.1.57264.2"),
      D.sequence(Self.hashIdentifier(request.imprintHash), D.octets(request.imprint ?? request.imprintHash(message))),
      D.integer(4711), D.element(0x18, Array((request.time + "Z").utf8)),
      request.nonce.map { D.integer($0) } ?? [])
    let named = HashName.sha256(request.namedCertificate ?? certificate)
    func attribute(_ type: String, _ value: [UInt8]) -> [UInt8] { D.sequence(D.identifier(type), D.set(value)) }
    let attributes =
      attribute("1.2.840.113549.1.9.3", D.identifier("1.2.840.113549.1.9.16.1.4"))
      + attribute("1.2.840.113549.1.9.4", D.octets(HashName.sha384(info)))
      + attribute("1.2.840.113549.1.9.16.2.47", D.sequence(D.sequence(D.sequence(D.octets(named)))))
    let signature = (request.signingKey ?? key).sign(D.element(0x31, attributes), hash: .sha384)
    let signer = D.sequence(
      D.integer(1), D.sequence(root.name, D.integer(77)), Self.hashIdentifier(.sha384), D.element(0xa0, attributes),
      D.sequence(D.identifier("1.2.840.10045.4.3.3")), D.octets(signature))
    let signedData = D.sequence(
      D.integer(3), D.set(Self.hashIdentifier(.sha384)),
      D.sequence(D.identifier("1.2.840.113549.1.9.16.1.4"), D.element(0xa0, D.octets(info))),
      request.certificates.map { D.element(0xa0, $0.flatMap { $0 }) } ?? [], D.set(signer))
    return D.sequence(
      D.sequence(D.integer(request.status)),
      D.sequence(D.identifier("1.2.840.113549.1.7.2"), D.element(0xa0, signedData))) + request.leftover
  }
}
