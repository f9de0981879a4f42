import WireCoding

/// How old the trusted root is. Nobody else's check: whoever believes an old root believes keys that may have been withdrawn since.
extension Recipe {
  mutating func trustAge() throws(VerificationFailure) {
    let provenance = anchors.provenance
    let age = provenance?.age(at: now)
    if let provenance, let refreshed = provenance.refreshed {
      note(
        .trust, "whom this verification believes, and since when that is known", "TUF specification, 5.1", .noted,
        [
          "source": .text(provenance.source), "refreshed": .time(refreshed),
          "ageInDays": .text(age.map(String.init) ?? "unknown: the clock is before that time"),
          "freshUntil": .text(provenance.freshUntil?.rfc3339 ?? "unknown"),
        ])
    } else {
      note(
        .trust, "whom this verification believes; nothing says how old that is", "", .noted,
        ["source": .text(provenance?.source ?? "the caller's own")])
    }
    if let days = policy.maximumTrustAge {
      guard let age, age <= days else {
        throw VerificationFailure(
          .trust,
          VerifyFailure(
            .trustTooOld, got: age.map { "\($0) days" } ?? "an unknown age", want: "at most \(days) days",
            place: provenance?.source))
      }
    }
    if let provenance, provenance.isStale(at: now) {
      let since = provenance.refreshed.map { "was last refreshed \($0.rfc3339)" } ?? "is of unknown age"
      caution(
        .trustStale,
        "the trusted root \(since), and its metadata has expired since; `nexo trust update` refreshes it")
    }
  }
}
