/// What is to be done with a release, by the operator's mode, the material that it has, and the policy: nexo-rs's truth
/// table, with half of the material refused.
enum TrustDecision: Equatable {
  /// Mode ignore: no check and no line.
  case skip
  /// Mode warn and no material.
  case acceptUnsigned(isAuthorListed: Bool)
  /// Mode warn, material, and nobody named who may sign.
  case acceptUnknownAuthor
  case verify
  case refuseUnsigned
  case refuseUnknownAuthor
  case refuseIncomplete(present: String, missing: String)

  init(mode: TrustMode, material: SigningAssets, isAuthorListed: Bool) {
    switch (mode, material) {
    case (.ignore, _): self = .skip
    case (_, .incomplete(let present, let missing)): self = .refuseIncomplete(present: present, missing: missing)
    case (.warn, .none): self = .acceptUnsigned(isAuthorListed: isAuthorListed)
    case (.require, .none): self = .refuseUnsigned
    case (.warn, _): self = isAuthorListed ? .verify : .acceptUnknownAuthor
    case (.require, _): self = isAuthorListed ? .verify : .refuseUnknownAuthor
    }
  }

  /// Throws for the three refusals.
  func check(owner: String) throws(InstallFailure) {
    switch self {
    case .skip, .acceptUnsigned, .acceptUnknownAuthor, .verify: return
    case .refuseUnsigned:
      throw InstallFailure(
        .policyRequiresSig,
        "trust policy requires signature for `\(owner)`, but release has no .bundle, and no .sig + .pem assets",
        reason: "policy.unsigned", hint: Self.publishHint)
    case .refuseUnknownAuthor:
      throw InstallFailure(
        .policyRequiresSig,
        "trust policy requires signature for `\(owner)`, but no [[authors]] entry in trusted_keys.toml says who may sign for it",
        reason: "policy.noAuthor",
        hint: [
          "Hint: add an [[authors]] entry with owner = \"\(owner)\" and the identity_regexp that the plugin's author publishes."
        ])
    case .refuseIncomplete(let present, let missing):
      throw InstallFailure(
        .assetIncomplete, "release has `\(present)` but missing companion `\(missing)`", expected: missing,
        presented: present)
    }
  }

  static let publishHint = [
    "Hint: ask the plugin author to publish cosign signing material, or relax",
    "trusted_keys.toml `mode` for this owner to `warn`.",
  ]
}
