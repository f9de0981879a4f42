/// A witness: cosigns checkpoints of logs that it watches (C2SP tlog-cosignature).
public struct VirtualWitness: Sendable {
  public let name: String
  public let key: VirtualKey

  public init(_ name: String, seed: String = "witness") {
    self.name = name
    key = VirtualKey(.ed25519, seed: "\(seed) \(name)")
  }

  private var typedKey: [UInt8] { [0x04] + key.subjectPublicKeyInfo.suffix(32) }
  public var keyHint: [UInt8] { Array(HashName.sha256(Array("\(name)\n".utf8) + typedKey).prefix(4)) }

  /// As a file of witness keys has it.
  public var verifierKey: String { "\(name)+\(Encoding.hex(keyHint))+\(Encoding.base64(typedKey))" }

  /// A signature line over a checkpoint's text.
  ///
  /// - Parameter signedTime: what the signature is over, where that is not what the line says.
  public func line(over text: String, time: UInt64 = 1_700_000_300, signedTime: UInt64? = nil) -> String {
    let message = "cosignature/v1\ntime \(signedTime ?? time)\n" + text
    let stamp = (0..<8).map { UInt8(truncatingIfNeeded: time >> (56 - 8 * $0)) }
    return "— \(name) \(Encoding.base64(keyHint + stamp + key.sign(Array(message.utf8))))"
  }
}
