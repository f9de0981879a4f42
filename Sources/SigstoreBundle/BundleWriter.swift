public import WireCoding

extension Bundle {
  /// The bundle as a Sigstore bundle of version 0.3 (`dev.sigstore.bundle.v1.Bundle` in proto3 JSON), with a line end.
  ///
  /// What was verified before verifies as this file too, without a network. Throws for material that version 0.3 cannot hold: a log entry
  /// without inclusion proof and checkpoint.
  ///
  /// - Parameters:
  ///   - kindVersions: of each log entry, where its own shape does not say it.
  ///   - digest: of the artifact, where the material does not name it.
  public func version3(kindVersions: [LogEntry.KindVersion], digest: Digest?) throws(BundleFailure) -> [UInt8] {
    var entries: [String] = []
    for (index, entry) in logEntries.enumerated() {
      let kind = entry.kindVersion ?? (kindVersions.indices.contains(index) ? kindVersions[index] : nil)
      guard let proof = entry.proof, let checkpoint = proof.checkpoint, let kind else {
        throw BundleFailure(
          .fieldMissing, "a Sigstore bundle v0.3 holds inclusion proofs with checkpoints", place: entry.place)
      }
      entries.append(Self.object(entry, proof, checkpoint, kind))
    }
    let stamps = timestamps.map { Self.fields([("signedTimestamp", Self.base64($0))]) }
    var material = [
      keyMaterialField, ("tlogEntries", "[" + entries.joined(separator: ",") + "]"),
    ]
    if !stamps.isEmpty {
      material.append(
        ("timestampVerificationData", Self.fields([("rfc3161Timestamps", "[" + stamps.joined(separator: ",") + "]")])))
    }
    let text = Self.fields([
      ("mediaType", Self.text("application/vnd.dev.sigstore.bundle.v0.3+json")),
      ("verificationMaterial", Self.fields(material)), contentField(digest),
    ])
    return Array((text + "\n").utf8)
  }

  private var keyMaterialField: (String, String) {
    switch keyMaterial {
    case .certificate(let leaf, _): ("certificate", Self.fields([("rawBytes", Self.base64(leaf))]))
    case .publicKey(let hint, _): ("publicKey", Self.fields([("hint", Self.text(hint ?? ""))]))
    }
  }

  private func contentField(_ known: Digest?) -> (String, String) {
    switch content {
    case .message(let message):
      var parts = [("signature", Self.base64(message.signature))]
      if let digest = message.digest ?? known {
        let name = ["sha256": "SHA2_256", "sha384": "SHA2_384", "sha512": "SHA2_512"][digest.algorithm.rawValue] ?? ""
        parts.insert(
          ("messageDigest", Self.fields([("algorithm", Self.text(name)), ("digest", Self.base64(digest.bytes))])), at: 0
        )
      }
      return ("messageSignature", Self.fields(parts))
    case .envelope(let envelope):
      let signature = Self.fields([
        ("sig", Self.base64(envelope.signature)), ("keyid", Self.text(envelope.keyID ?? "")),
      ])
      return (
        "dsseEnvelope",
        Self.fields([
          ("payload", Self.base64(envelope.payload)), ("payloadType", Self.text(envelope.payloadType)),
          ("signatures", "[\(signature)]"),
        ])
      )
    }
  }

  private static func object(
    _ entry: LogEntry, _ proof: LogEntry.InclusionProof, _ checkpoint: String, _ kind: LogEntry.KindVersion
  ) -> String {
    var parts = [
      ("logIndex", text(String(entry.logIndex))), ("logId", fields([("keyId", base64(entry.logID))])),
      ("kindVersion", fields([("kind", text(kind.kind)), ("version", text(kind.version))])),
      ("integratedTime", text(String(entry.integratedTime ?? 0))),
    ]
    if let promise = entry.promise {
      parts.append(("inclusionPromise", fields([("signedEntryTimestamp", base64(promise))])))
    }
    parts.append(
      (
        "inclusionProof",
        fields([
          ("logIndex", text(String(proof.logIndex))), ("rootHash", base64(proof.rootHash)),
          ("treeSize", text(String(proof.treeSize))),
          ("hashes", "[" + proof.hashes.map(base64).joined(separator: ",") + "]"),
          ("checkpoint", fields([("envelope", text(checkpoint))])),
        ])
      ))
    parts.append(("canonicalizedBody", base64(entry.canonicalizedBody)))
    return fields(parts)
  }

  private static func fields(_ fields: [(String, String)]) -> String {
    "{" + fields.map { text($0.0) + ":" + $0.1 }.joined(separator: ",") + "}"
  }

  private static func base64(_ bytes: [UInt8]) -> String { text(Base64.encode(bytes)) }

  /// RFC 8259, 7: quotation mark, backslash and control characters are escaped.
  private static func text(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20:
        result += "\\u" + String(repeating: "0", count: scalar.value < 0x10 ? 3 : 2) + String(scalar.value, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
