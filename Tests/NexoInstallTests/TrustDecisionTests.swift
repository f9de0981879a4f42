import Testing

@testable import NexoInstall

@Suite("The truth table of trust")
struct TrustDecisionTests {
  private static let asset = ReleaseAsset(name: "t.bundle", size: nil, location: "")
  private static let complete: [SigningAssets] = [.bundle(asset), .pair(signature: asset, certificate: asset)]
  private static let half = SigningAssets.incomplete(present: "t.sig", missing: "t.pem")

  private func decide(_ mode: TrustMode, _ material: SigningAssets, _ isListed: Bool) -> TrustDecision {
    TrustDecision(mode: mode, material: material, isAuthorListed: isListed)
  }

  @Test("each row, for every material")
  func rows() {
    for isListed in [true, false] {
      for material in Self.complete + [.none, Self.half] { #expect(decide(.ignore, material, isListed) == .skip) }
      #expect(decide(.warn, .none, isListed) == .acceptUnsigned(isAuthorListed: isListed))
      #expect(decide(.require, .none, isListed) == .refuseUnsigned)
      for mode in [TrustMode.warn, .require] {
        #expect(decide(mode, Self.half, isListed) == .refuseIncomplete(present: "t.sig", missing: "t.pem"))
      }
    }
    for material in Self.complete {
      #expect(decide(.warn, material, false) == .acceptUnknownAuthor)
      #expect(decide(.require, material, false) == .refuseUnknownAuthor)
      #expect(decide(.warn, material, true) == .verify)
      #expect(decide(.require, material, true) == .verify)
    }
  }

  @Test("refusals have their kinds, and the two causes of PolicyRequiresSig are told apart")
  func refusals() throws {
    let unsigned = #expect(throws: InstallFailure.self) {
      try TrustDecision.refuseUnsigned.check(owner: "o")
    }
    #expect(unsigned?.kind == .policyRequiresSig)
    #expect(unsigned?.reason == "policy.unsigned")
    let unknown = #expect(throws: InstallFailure.self) {
      try TrustDecision.refuseUnknownAuthor.check(owner: "o")
    }
    #expect(unknown?.kind == .policyRequiresSig)
    #expect(unknown?.reason == "policy.noAuthor")
    #expect(unknown?.message.contains("[[authors]]") == true)
    let half = #expect(throws: InstallFailure.self) {
      try TrustDecision.refuseIncomplete(present: "t.sig", missing: "t.pem").check(owner: "o")
    }
    #expect(half?.kind == .assetIncomplete)
    #expect(half?.message == "release has `t.sig` but missing companion `t.pem`")
    for decision in [TrustDecision.skip, .acceptUnsigned(isAuthorListed: true), .acceptUnknownAuthor, .verify] {
      try decision.check(owner: "o")
    }
  }
}
