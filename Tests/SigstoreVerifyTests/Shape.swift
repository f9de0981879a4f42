import Testing
import VirtualSigstore

/// The shapes of signature material that hold a log entry.
enum Shape: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case legacy, v0_1, v0_2, v0_3Old, v0_3

  static let protobuf: [Shape] = [.v0_1, .v0_2, .v0_3Old, .v0_3]
  /// Those that must show a proof of inclusion.
  static let withProof: [Shape] = [.v0_2, .v0_3Old, .v0_3]

  var testDescription: String { rawValue }

  private var version: SignedMaterial.Version? {
    switch self {
    case .legacy: nil
    case .v0_1: .v0_1
    case .v0_2: .v0_2
    case .v0_3Old: .v0_3Old
    case .v0_3: .v0_3
    }
  }

  func render(_ material: SignedMaterial) -> JSONDraft {
    version.map { material.bundle($0) } ?? material.legacyBundle
  }
}
