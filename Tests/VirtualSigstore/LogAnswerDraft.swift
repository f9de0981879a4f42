extension SignedMaterial {
  /// The entry as a Rekor v1 log gives it: `{"<entry id>": {…}}`.
  public var logAnswer: JSONDraft { .object([(entryID, logAnswerEntry)]) }

  /// Tree id and leaf hash.
  public var entryID: String { "108e9186e8c5677a" + Encoding.hex(HashName.sha256([0] + body)) }

  public var logAnswerEntry: JSONDraft {
    .object([
      ("body", .base64(body)), ("integratedTime", .raw(String(integratedTime))),
      ("logID", .text(Encoding.hex(logID))), ("logIndex", .raw(String(globalIndex))),
      (
        "verification",
        .object([
          ("signedEntryTimestamp", .base64(promise)),
          (
            "inclusionProof",
            .object([
              ("checkpoint", .text(checkpoint)), ("hashes", .array(hashes.map { .text(Encoding.hex($0)) })),
              ("logIndex", .raw(String(shardIndex))), ("rootHash", .text(Encoding.hex(rootHash))),
              ("treeSize", .raw(String(treeSize))),
            ])
          ),
        ])
      ),
    ])
  }
}
