public import OpenSSLCrypto
public import WireCoding

/// A transparency log of the trusted root.
public struct TransparencyLog: Sendable {
  /// Host of the log: base URL without scheme and without a slash at the end. For Rekor v2 also the origin of its checkpoints.
  public let name: String
  /// 32 bytes; what a log entry names its log by.
  public let logID: [UInt8]
  public let key: PublicKey
  /// Both ends inclusive.
  public let validFor: TimeWindow
  /// Two logs of one operator count once towards a threshold.
  public let `operator`: String?
  /// First four bytes of the note key hash: what a signature line of a checkpoint names the key by.
  public let keyHint: [UInt8]
  /// A tiled log (Rekor v2): its log id is the note key hash, so name and key belong together.
  public let isTiled: Bool

  private let scheme: SignatureScheme

  /// - Parameters:
  ///   - scheme: how the log signs; what goes with its key where nil.
  ///   - checkpointKeyID: the trusted root's own word on the hint; derived from key and name where nil.
  public init(
    name: String, logID: [UInt8], key: PublicKey, scheme: SignatureScheme? = nil, validFor: TimeWindow,
    operator: String?, checkpointKeyID: [UInt8]? = nil
  ) throws(CryptoFailure) {
    self.scheme = scheme ?? key.algorithm.defaultScheme
    let keyHash = try Self.noteKeyHash(name: name, key: key)
    isTiled = key.algorithm == .ed25519 || (logID == keyHash.note && keyHash.note != keyHash.plain)
    keyHint = Array((checkpointKeyID ?? (isTiled ? keyHash.note : keyHash.hintSource)).prefix(4))
    self.name = name
    self.logID = logID
    self.key = key
    self.validFor = validFor
    self.operator = `operator`
  }

  /// The note key hashes of C2SP signed-note, with Rekor's own rule for ECDSA, where the name does not enter.
  private static func noteKeyHash(
    name: String, key: PublicKey
  ) throws(CryptoFailure) -> (note: [UInt8], plain: [UInt8], hintSource: [UInt8]) {
    let spki = key.subjectPublicKeyInfo
    let plain = try sha256(spki)
    let prefix = Array(name.utf8) + [0x0a]
    switch key.algorithm {
    case .ed25519:
      let note = try sha256(prefix + [0x01] + spki.suffix(32))
      return (note, plain, note)
    case .rsa:
      let note = try sha256(prefix + [0xff] + Array("PKIX-RSA-PKCS#1v1.5".utf8) + spki)
      return (note, plain, note)
    case .p256, .p384, .p521:
      let note = try sha256(prefix + [0x02] + spki)
      return (note, plain, plain)
    }
  }

  /// Whether `signature` is the log's over `message`, with the one scheme of its key. Malformed signatures are simply not its.
  func signed(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    (try? key.isValid(signature: signature, overMessage: message, scheme: scheme)) ?? false
  }
}
