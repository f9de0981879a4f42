import OpenSSLCrypto
import SigstoreBundle
public import WireCoding

/// The key of a witness: somebody who watches a log and cosigns its checkpoints, so that the log cannot show two histories.
///
/// C2SP tlog-cosignature, `cosignature/v1`; written as a verifier key of C2SP signed-note:
///
///     <name>+<key id, 8 hex digits>+<base64 of 04 and the 32 bytes of an Ed25519 key>
public struct WitnessKey: Sendable {
  public let name: String
  /// First four bytes of SHA-256 over name, newline, 04 and the key: what a signature line names the key by.
  public let keyHint: [UInt8]
  let key: PublicKey

  private static let cosignatureType: UInt8 = 0x04
  /// SubjectPublicKeyInfo of an Ed25519 key (RFC 8410, 4) up to the key.
  private static let keyPrefix: [UInt8] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00]

  public init(_ text: String) throws(RekorFailure) {
    func refuse(_ detail: String) -> RekorFailure { RekorFailure(.witnessKey, detail, got: text) }
    let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
    guard parts.count == 3, let name = String(Substring(parts[0]).utf8), let hint = String(Substring(parts[1]).utf8)
    else { throw refuse("not a name, an id and a key with + between them") }
    guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else { throw refuse("a name with blanks") }
    guard let typed = try? Base64.decode(Array(parts[2])[...]), typed.count == 33 else {
      throw refuse("the key is not base64 of 33 bytes")
    }
    guard typed.first == Self.cosignatureType else { throw refuse("the key is not of a witness: type 04 is due") }
    let identifier: [UInt8]
    do throws(CryptoFailure) {
      identifier = Array(try sha256(Array(name.utf8) + [0x0a] + typed).prefix(4))
      key = try PublicKey(subjectPublicKeyInfo: Self.keyPrefix + typed.dropFirst())
    } catch { throw refuse(error.detail) }
    guard hint.utf8.elementsEqual(Hex.encode(identifier).utf8) else {
      throw RekorFailure(.witnessKey, "the id is not that of name and key", got: hint, want: Hex.encode(identifier))
    }
    self.name = name
    keyHint = identifier
  }

  /// Far more than anybody asks.
  private static let most = 256

  /// A file of keys, one a line. Empty lines and those that begin with `#` are left out; one key under two names is refused, as it
  /// would count twice.
  public static func list(parsing file: [UInt8]) throws(RekorFailure) -> [WitnessKey] {
    guard let text = String(validating: file, as: UTF8.self) else {
      throw RekorFailure(.witnessKey, "the file is not valid UTF-8")
    }
    var keys: [WitnessKey] = []
    for line in text.utf8.split(whereSeparator: { $0 == 0x0a || $0 == 0x0d }) {
      guard line.first != UInt8(ascii: "#") else { continue }
      keys.append(try WitnessKey(String(Substring(line))))
      guard keys.count <= most else { throw RekorFailure(.witnessKey, "more than \(most) keys") }
    }
    guard !keys.isEmpty else { throw RekorFailure(.witnessKey, "the file holds no key") }
    guard Set(keys.map(\.key.subjectPublicKeyInfo)).count == keys.count else {
      throw RekorFailure(.witnessKey, "one key stands twice")
    }
    return keys
  }
}

/// How many of which witnesses must have seen the checkpoint of every log entry.
public struct WitnessPolicy: Sendable {
  public let keys: [WitnessKey]
  public let minimum: Int

  public init(keys: [WitnessKey], minimum: Int) {
    self.keys = keys
    self.minimum = minimum
  }
}

/// Evidence that a witness saw a checkpoint. Its time is the witness's own, and never a signing time.
public struct VerifiedCosignature: Sendable, Hashable {
  public let name: String
  public let time: UnixTime

  fileprivate init(name: String, time: UnixTime) {
    self.name = name
    self.time = time
  }
}

extension LoggedEntry {
  /// The distinct witnesses of the policy that cosigned the checkpoint of the entry's proof.
  ///
  /// Lines of others are left alone; one that names a known witness must verify. Throws unless there are as many as asked for, and
  /// where the entry rests on a promise alone, which nobody witnesses.
  public func verifyWitnesses(_ policy: WitnessPolicy) throws(RekorFailure) -> [VerifiedCosignature] {
    guard let checkpoint else {
      throw RekorFailure(.witnessesTooFew, "no verified checkpoint", want: "\(policy.minimum)", place: entry.place)
    }
    let found = try checkpoint.cosignatures(of: policy.keys)
    guard found.count >= policy.minimum else {
      throw RekorFailure(.witnessesTooFew, got: "\(found.count)", want: "\(policy.minimum)", place: entry.place)
    }
    return found
  }
}

extension Checkpoint {
  /// One for each witness, the earliest line where one signed twice.
  fileprivate func cosignatures(of keys: [WitnessKey]) throws(RekorFailure) -> [VerifiedCosignature] {
    var found: [VerifiedCosignature] = []
    for witness in keys {
      let lines = signatures.filter {
        $0.keyHint == witness.keyHint && $0.keyName.utf8.elementsEqual(witness.name.utf8)
      }
      for (index, line) in lines.enumerated() {
        let time = try verify(line, by: witness)
        if index == 0 { found.append(VerifiedCosignature(name: witness.name, time: time)) }
      }
    }
    return found
  }

  /// The line holds eight bytes of time (Unix seconds, big-endian) and an Ed25519 signature over
  ///
  ///     cosignature/v1\n
  ///     time <seconds, decimal>\n
  ///     <the checkpoint's text>
  private func verify(_ line: SignatureLine, by witness: WitnessKey) throws(RekorFailure) -> UnixTime {
    guard line.signature.count == 72 else {
      throw RekorFailure(.witnessInvalid, witness.name, got: "\(line.signature.count) bytes", want: "72 bytes")
    }
    let seconds = line.signature.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let message = Array("cosignature/v1\ntime \(seconds)\n".utf8) + signedText
    let isValid = try? witness.key.isValid(
      signature: Array(line.signature.dropFirst(8)), overMessage: message, scheme: .ed25519)
    guard isValid == true else { throw RekorFailure(.witnessInvalid, witness.name) }
    return UnixTime(seconds: Int64(clamping: seconds))
  }
}
