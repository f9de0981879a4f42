// swift-tools-version: 6.3
import PackageDescription

let package = Package(
  name: "Benchmarks",
  dependencies: [.package(name: "nexo", path: "..")],
  targets: [
    .executableTarget(
      name: "VerifyBenchmark", dependencies: [.product(name: "SigstoreVerify", package: "nexo")])
  ],
  swiftLanguageModes: [.v6]
)
