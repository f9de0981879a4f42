import VirtualSigstore

/// The cases of Rekor v2 and of attestations.
enum ModernCases {
  static let all: [VectorCase] = tiled + attestations

  private static let entry = "verificationMaterial.tlogEntries.0"
  private static let stamps = "verificationMaterial.timestampVerificationData"

  /// A case in the world of Rekor v2, whose trusted root it brings along.
  private static func tiled(
    _ name: String, _ expect: String, _ sentence: String, _ kind: VirtualKey.Kind = .p256,
    change: @escaping @Sendable (inout JSONDraft) -> Void = { _ in }
  ) -> VectorCase {
    VectorCase(name, expect, sentence) { draft in
      draft.world.sigstore.useTiledLog()
      draft.trustedRoot = draft.world.sigstore.trustedRoot()
      draft.bundle = draft.world.sign(as: draft.world.leafRequest(kind)).bundle()
      change(&draft.bundle)
    }
  }

  static let tiled: [VectorCase] = [
    tiled("tiled-good", "pass", "Rekor v2: a hashedrekord 0.0.2 with its proof, and a timestamp for the time."),
    tiled("tiled-good-p384", "pass", "Rekor v2: the entry names SHA-384 with the P-384 key.", .p384),
    tiled("tiled-without-timestamp", "times.none", "Rekor v2 signs no time, and nothing else does here.") {
      $0[stamps] = nil
    },
    tiled("tiled-time-unsigned", "times.none", "An integrated time beside a Rekor v2 entry is nobody's word.") {
      $0[stamps] = nil
      $0[entry + ".integratedTime"] = .text("1700000000")
    },
    tiled("tiled-without-proof", "log.proofMissing", "A Rekor v2 entry without its proof shows nothing.") {
      $0[entry + ".inclusionProof"] = nil
    },
    tiled("tiled-with-promise", "log.promiseUnexpected", "Rekor v2 makes no promises.") {
      $0[entry + ".inclusionPromise"] = .object([("signedEntryTimestamp", .base64([1, 2, 3]))])
    },
    tiled("tiled-other-index", "log.indexMismatch", "Entry and proof of a tiled log have one index.") {
      $0[entry + ".logIndex"] = .text("3")
    },
    VectorCase("tiled-other-origin", "log.checkpointUntrusted", "The checkpoint is signed, under another origin.") {
      draft in
      draft.world.sigstore.useTiledLog()
      draft.trustedRoot = draft.world.sigstore.trustedRoot()
      draft.bundle = draft.world.sign().bundle()
      draft.bundle[entry + ".inclusionProof.checkpoint.envelope"] = .text(
        draft.world.sigstore.rekor.checkpoint(origin: "other.virtual.test"))
    },
    VectorCase(
      "tiled-timestamp-of-other-signature", "times.imprintMismatch",
      "The timestamp is genuine, and of another signature."
    ) { draft in
      draft.world.sigstore.useTiledLog()
      draft.trustedRoot = draft.world.sigstore.trustedRoot()
      var material = draft.world.sign()
      material.timestamps = draft.world.sign(Array("another file\n".utf8)).timestamps
      draft.bundle = material.bundle()
    },
  ]

  private static func attested(
    _ name: String, _ expect: String, _ sentence: String, _ kind: EntryDraft = .dsse1,
    _ envelope: EnvelopeDraft = EnvelopeDraft(about: World.artifact),
    adjust: @escaping @Sendable (inout EntryDraft.Facts) -> Void = { _ in },
    change: @escaping @Sendable (inout JSONDraft) -> Void = { _ in }
  ) -> VectorCase {
    VectorCase(name, expect, sentence) { draft in
      if kind == .hashedRekord2 || kind == .dsse2 {
        draft.world.sigstore.useTiledLog()
        draft.trustedRoot = draft.world.sigstore.trustedRoot()
      }
      draft.bundle = draft.world.attest(envelope, entry: kind, adjust: adjust).bundle()
      change(&draft.bundle)
    }
  }

  private static let other = EnvelopeDraft(about: Array("another file\n".utf8))

  static let attestations: [VectorCase] = [
    attested("attested-dsse", "pass", "A statement about the artifact, logged as a dsse 0.0.1."),
    attested(
      "attested-intoto-0.0.1", "pass", "An intoto 0.0.1, tied to the signature by the envelope's hash.", .intoto1),
    attested("attested-intoto-0.0.2", "pass", "A statement about the artifact, logged as an intoto 0.0.2.", .intoto2),
    attested("attested-tiled", "pass", "Rekor v2: a hashedrekord over the envelope's encoding.", .hashedRekord2),
    attested("attested-tiled-dsse", "entryBody.unsupported", "A dsse 0.0.2 is deprecated.", .dsse2),
    attested(
      "attested-hashedrekord", "entryBody.kindMismatch", "Rekor v1 logs no envelope as a hashedrekord.", .hashedRekord1),
    attested(
      "attested-other-file", "attestation.subjectMismatch", "The statement is about another file.", .dsse1, other),
    attested(
      "attested-other-payload", "entryBody.envelopeMismatch", "The entry is of another payload.",
      adjust: { $0.payloadDigest = HashName.sha256([1]) }),
    attested(
      "attested-entry-of-other-envelope", "entryBody.envelopeMismatch", "An intoto 0.0.1 of another envelope.",
      .intoto1,
      adjust: { $0.envelopeDigest = HashName.sha256([1]) }),
    attested(
      "attested-payload-changed", "signature.mismatch", "The payload is not the one that was signed.",
      change: {
        $0["dsseEnvelope.payload"] = .base64(other.payload)
      }),
    attested(
      "attested-type-changed", "signature.mismatch", "The payload type is signed as well.",
      change: {
        $0["dsseEnvelope.payloadType"] = .text("application/json")
      }),
    attested(
      "attested-twice-signed", "attestation.signatureCount", "An envelope has one signature.",
      change: {
        guard case .array(let signatures)? = $0["dsseEnvelope.signatures"] else { return }
        $0["dsseEnvelope.signatures"] = .array(signatures + signatures)
      }),
    attested(
      "attested-unsigned", "attestation.signatureCount", "An envelope has one signature.",
      change: {
        $0["dsseEnvelope.signatures"] = .array([])
      }),
    attested(
      "attested-no-statement", "attestation.payloadMalformed", "The payload is signed, and no statement.", .dsse1,
      EnvelopeDraft(payload: Array("{\"hello\":1}".utf8))),
    attested(
      "attested-no-subject", "attestation.noSubject", "The statement is about nothing.", .dsse1,
      EnvelopeDraft(subjects: [])),
    attested(
      "attested-weak-digest", "attestation.noSubject", "SHA-1 names no file.", .dsse1,
      EnvelopeDraft(subjects: [("x", [("sha1", "da39a3ee5e6b4b0d3255bfef95601890afd80709")])])),
    attested(
      "attested-other-payload-type", "attestation.payloadTypeUnsupported", "Signed, and of a type that is not read.",
      .dsse1, EnvelopeDraft(payload: EnvelopeDraft(about: World.artifact).payload, payloadType: "text/plain")),
  ]
}
