/// A certificate authority: a name, a key, a certificate.
public struct VirtualAuthority: Sendable {
  /// DER Name.
  public let name: [UInt8]
  public let key: VirtualKey
  /// DER.
  public let certificate: [UInt8]

  /// Mints an authority under `parent`, or a root where that is nil. `adjust` changes the template before it is signed.
  public init(
    _ commonName: String, kind: VirtualKey.Kind = .p384, seed: String, notBefore: Int64, notAfter: Int64,
    pathLength: UInt64? = nil, purposes: [String]? = nil, under parent: VirtualAuthority? = nil,
    hasKeyIdentifiers: Bool = false, adjust: (inout CertificateTemplate) -> Void = { _ in }
  ) {
    name = DERWriter.name(organization: "virtual.test", commonName: commonName)
    key = VirtualKey(kind, seed: seed + commonName)
    var template = CertificateTemplate(
      notBefore: notBefore, notAfter: notAfter, subjectPublicKeyInfo: key.subjectPublicKeyInfo)
    template.subject = name
    template.extensions = [
      .basicConstraints(isAuthority: true, pathLength: pathLength), .keyUsage([5, 6]),
    ]
    if let purposes { template.extensions.append(.extendedKeyUsage(purposes)) }
    if hasKeyIdentifiers {
      template.extensions.append(.subjectKeyIdentifier(key.subjectPublicKeyInfo))
      if let parent { template.extensions.append(.authorityKeyIdentifier(parent.key.subjectPublicKeyInfo)) }
    }
    adjust(&template)
    certificate = template.signed(issuer: parent?.name ?? name, key: parent?.key ?? key)
  }
}

/// A certificate transparency log that signs precertificates (RFC 6962, 3.2).
public struct VirtualCTLog: Sendable {
  public let key: VirtualKey

  public init(_ kind: VirtualKey.Kind = .p256, seed: String) { key = VirtualKey(kind, seed: "ct log " + seed) }

  public var logID: [UInt8] { HashName.sha256(key.subjectPublicKeyInfo) }

  /// One SCT over the TBSCertificate of a leaf that has none yet.
  public func timestamp(_ request: SCTRequest, issuerKeyHash: [UInt8], body: [UInt8]) -> [UInt8] {
    let time = Encoding.bigEndian(request.milliseconds, 8)
    let extensions = Encoding.bigEndian(UInt64(request.extensions.count), 2) + request.extensions
    let data = [0, 0] + time + [0, 1] + issuerKeyHash + Encoding.bigEndian(UInt64(body.count), 3) + body + extensions
    let signature = (request.signingKey ?? key).sign(data, hash: .sha256)
    let algorithm: UInt8 = [.rsa1024, .rsa2048, .rsa4096].contains(key.kind) ? 1 : 3
    return [0] + (request.logID ?? logID) + time + extensions + [4, algorithm]
      + Encoding.bigEndian(UInt64(signature.count), 2) + signature
  }
}

/// How the leaf's SCTs are made.
public struct SCTRequest: Sendable {
  /// SCTs of Fulcio's own log. No SCT extension at all where this is zero and no further log takes part.
  public var count = 1
  public var milliseconds: UInt64
  public var extensions: [UInt8] = []
  /// Put in place of the log's own key.
  public var signingKey: VirtualKey?
  /// Put in place of the hash of the issuer's key.
  public var issuerKeyHash: [UInt8]?
  /// Put in place of the log's own.
  public var logID: [UInt8]?
  /// Logs that give one SCT each, behind those of Fulcio's own log.
  public var furtherLogs: [VirtualCTLog] = []
  /// Bytes after the last SCT, inside the list.
  public var leftover: [UInt8] = []
}

/// What a leaf is to say.
public struct LeafRequest: Sendable {
  public var serial: UInt64 = 0x1234_5678
  public var names: [AlternativeName]
  public var namesAreCritical = true
  /// Fulcio's extensions by number, bare text up to 6 and UTF8String from 8 on.
  public var claims: [Int: String]
  public var key: VirtualKey
  public var notBefore: Int64
  public var notAfter: Int64
  public var isAuthority = false
  public var keyUsage: [Int] = [0]
  public var purposes: [String]? = ["1.3.6.1.5.5.7.3.3"]
  public var subject: [UInt8] = DERWriter.name()
  /// Whether the leaf names its own key and its issuer's, as all of Fulcio's do.
  public var hasKeyIdentifiers = false
  public var extensions: [VirtualExtension] = []
  public var sct: SCTRequest
}

/// Issues leaves with embedded SCTs, as Fulcio does.
public struct VirtualFulcio: Sendable {
  /// Issuer of leaves first, root last.
  public var authorities: [VirtualAuthority]
  public var log: VirtualCTLog

  public func issue(_ request: LeafRequest) -> [UInt8] {
    let issuer = authorities[0]
    var template = CertificateTemplate(
      notBefore: request.notBefore, notAfter: request.notAfter,
      subjectPublicKeyInfo: request.key.subjectPublicKeyInfo)
    template.serial = request.serial
    template.subject = request.subject
    template.extensions = [.keyUsage(request.keyUsage)]
    if let purposes = request.purposes { template.extensions.append(.extendedKeyUsage(purposes)) }
    if request.isAuthority { template.extensions.append(.basicConstraints(isAuthority: true)) }
    if !request.names.isEmpty {
      template.extensions.append(.alternativeNames(request.names, isCritical: request.namesAreCritical))
    }
    for (number, text) in request.claims.sorted(by: { $0.key < $1.key }) {
      template.extensions.append(.fulcio(number, text))
    }
    if request.hasKeyIdentifiers {
      template.extensions += [
        .subjectKeyIdentifier(request.key.subjectPublicKeyInfo),
        .authorityKeyIdentifier(issuer.key.subjectPublicKeyInfo),
      ]
    }
    template.extensions += request.extensions
    let sct = request.sct
    if sct.count > 0 || !sct.furtherLogs.isEmpty {
      let body = template.body(issuer: issuer.name, key: issuer.key)
      let keyHash = sct.issuerKeyHash ?? HashName.sha256(issuer.key.subjectPublicKeyInfo)
      let logs = [VirtualCTLog](repeating: log, count: sct.count) + sct.furtherLogs
      let list = logs.enumerated().map { index, log in
        var each = sct
        each.milliseconds += UInt64(index)
        return log.timestamp(each, issuerKeyHash: keyHash, body: body)
      }
      template.extensions.append(.timestamps(list, leftover: sct.leftover))
    }
    return template.signed(issuer: issuer.name, key: issuer.key)
  }
}
