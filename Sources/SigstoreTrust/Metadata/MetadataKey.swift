import OpenSSLCrypto
import SigstoreBundle
import WireCoding

/// A key of a TUF repository (TUF specification 4.2). Every form that Sigstore's roots ever had is read.
///
/// | key type | scheme | public value |
/// |---|---|---|
/// | `ecdsa`, `ecdsa-sha2-nistp256` | `ecdsa-sha2-nistp256` | PEM, or hex of the uncompressed point |
/// | `rsa` | `rsassa-pss-sha256` | PEM |
/// | `ed25519` | `ed25519` | hex of 32 bytes |
struct MetadataKey: Sendable {
  /// DER SubjectPublicKeyInfo. Decoded when a signature is to be verified: most keys of a root are never asked.
  private let information: [UInt8]
  private let scheme: SignatureScheme

  /// SubjectPublicKeyInfo up to the key: id-ecPublicKey with prime256v1 (RFC 5480), and id-Ed25519 (RFC 8410).
  private static let p256Prefix: [UInt8] = [
    0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce,
    0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
  ]
  private static let ed25519Prefix: [UInt8] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  /// Nil for a key of another kind: it signs nothing here, and must not take the others with it.
  init?(_ node: JSONNode) throws(CodingFailure) {
    let type = try node.field("keytype").string()
    let scheme = try node.field("scheme").string()
    let text = try node.field("keyval").field("public").string()
    let information: [UInt8]?
    switch (type, scheme) {
    case ("ecdsa", "ecdsa-sha2-nistp256"), ("ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256"):
      self.scheme = .ecdsa(.sha256)
      information = Self.pem(text) ?? Self.raw(text, count: 65).map { Self.p256Prefix + $0 }
    case ("rsa", "rsassa-pss-sha256"):
      self.scheme = .rsaPSS(.sha256)
      information = Self.pem(text)
    case ("ed25519", "ed25519"):
      self.scheme = .ed25519
      information = Self.raw(text, count: 32).map { Self.ed25519Prefix + $0 }
    default: return nil
    }
    guard let information else { return nil }
    self.information = information
  }

  private static func pem(_ text: String) -> [UInt8]? { try? LooseFile.publicKey(Array(text.utf8)) }

  private static func raw(_ text: String, count: Int) -> [UInt8]? {
    (try? Hex.decode(text)).flatMap { $0.count == count ? $0 : nil }
  }

  /// The key as it is counted, if the signature is its own; nil for any other signature, and for a key that is none.
  func signer(_ signature: [UInt8], over message: [UInt8]) -> [UInt8]? {
    guard !signature.isEmpty, let key = try? PublicKey(subjectPublicKeyInfo: information),
      (try? key.isValid(signature: signature, overMessage: message, scheme: scheme)) == true
    else { return nil }
    return key.subjectPublicKeyInfo
  }
}

/// Who may sign for a role: keys by their ids, and how many of them must.
struct RoleKeys: Sendable {
  let keys: [JSONName: MetadataKey]
  let identifiers: [String]
  let threshold: Int

  /// Far above any real role, which has up to seven.
  static let mostKeys = 1024

  /// - Parameters:
  ///   - role: `{"keyids": […], "threshold": number}`
  ///   - keys: of the file that names the role. Ids are opaque: real roots hold keys whose id is not their hash.
  init(_ role: JSONNode, keys: [JSONName: MetadataKey]) throws(CodingFailure) {
    let list = try role.field("keyids")
    var identifiers: [String] = []
    for node in try list.elements(atMost: Self.mostKeys) { identifiers.append(try node.string()) }
    guard Set(identifiers.map { Array($0.utf8) }).count == identifiers.count else {
      throw CodingFailure(.duplicateKey, "a key id stands twice", place: list.place)
    }
    let count = try role.field("threshold")
    threshold = Int(clamping: try count.integer())
    guard threshold > 0 else { throw CodingFailure(.numberRange, "a threshold below one", place: count.place) }
    self.identifiers = identifiers
    self.keys = keys
  }

  /// Reads `keys` of a root or of delegations.
  static func keys(_ node: JSONNode) throws(CodingFailure) -> [JSONName: MetadataKey] {
    var keys: [JSONName: MetadataKey] = [:]
    let fields = try node.fields()
    guard fields.count <= mostKeys else {
      throw CodingFailure(.tooMany, "\(fields.count) keys, over the limit of \(mostKeys)", place: node.place)
    }
    for (name, key) in fields { keys[JSONName(name)] = try MetadataKey(key) }
    return keys
  }

  /// Distinct ids and distinct keys count: one key under two ids is one key. A wrong signature beside enough good ones does no harm.
  func check(_ metadata: SignedMetadata, role: String) throws(MetadataFailure) {
    var signers: Set<[UInt8]> = []
    for identifier in identifiers {
      guard let key = keys[JSONName(identifier)],
        let signature = metadata.signatures.first(where: { $0.keyID.utf8.elementsEqual(identifier.utf8) }),
        let signer = key.signer(signature.value, over: metadata.signedBytes)
      else { continue }
      signers.insert(signer)
      if signers.count >= threshold { return }
    }
    throw MetadataFailure(.threshold, role, got: "\(signers.count)", want: "\(threshold)")
  }
}
