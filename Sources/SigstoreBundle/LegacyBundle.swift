import WireCoding

/// The bundle that cosign 2.x writes with `sign-blob --bundle`:
///
///     { "base64Signature": base64, "cert": base64 of PEM,
///       "rekorBundle": { "SignedEntryTimestamp": base64,
///                        "Payload": { "body": base64, "integratedTime": number, "logIndex": number, "logID": hex } } }
///
/// For an attestation the signature is a whole DSSE envelope, as JSON. No chain, no inclusion proof, no checkpoint: its evidence of logging is the signed entry timestamp alone.
enum LegacyBundle {
  static func read(_ root: BundleNode) throws(BundleFailure) -> Bundle {
    let signature = try root.field("base64Signature")
    var entries: [LogEntry] = []
    if let bundle = try root.message("rekorBundle") { entries.append(try logEntry(bundle)) }
    return Bundle(
      origin: .legacyCosign, keyMaterial: try keyMaterial(root), logEntries: entries, timestamps: [],
      content: try LooseFile.content(try signature.base64(), place: signature.place))
  }

  private static func keyMaterial(_ root: BundleNode) throws(BundleFailure) -> Bundle.KeyMaterial {
    guard let field = try root.optional("cert"), try !field.string().isEmpty else {
      return .publicKey(hint: nil, embedded: nil)
    }
    let text = try field.base64()
    do throws(BundleFailure) {
      switch try LooseFile.block(text) {
      case .certificate(let der): return .certificate(leaf: der, others: [])
      case .publicKey(let der): return .publicKey(hint: nil, embedded: der)
      }
    } catch {
      throw BundleFailure(error.code, error.detail, got: error.got, want: error.want, place: field.place)
    }
  }

  private static func logEntry(_ bundle: BundleNode) throws(BundleFailure) -> LogEntry {
    let promise = try bundle.optional("SignedEntryTimestamp")
    let payload = try bundle.field("Payload")
    let time = try payload.field("integratedTime")
    let logIndex = try payload.field("logIndex")
    let logID = try payload.field("logID")
    // Lower case only: the signed text of the promise has it so.
    let text = try logID.string()
    let identifier = try logID.hex()
    guard identifier.count == 32, Hex.encode(identifier) == text else {
      throw BundleFailure(.fieldInvalid, "log id", got: text, want: "64 lower-case hex digits", place: logID.place)
    }
    let seconds = Int64(try time.unsigned(try time.integer()))
    return LogEntry(
      place: bundle.place, logIndex: try logIndex.unsigned(try logIndex.integer()), logID: identifier,
      kindVersion: nil, integratedTime: seconds == 0 ? nil : seconds,
      promise: try promise.map { (field) throws(BundleFailure) in
        try checkedSignature(try field.base64(), place: field.place)
      }, proof: nil,
      canonicalizedBody: try payload.field("body").base64())
  }
}
