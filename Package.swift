// swift-tools-version: 6.2

import PackageDescription

let package = Package(
  name: "PoolTable",
  products: [
    .executable(name: "bootstrap", targets: ["bootstrap"]),
    .executable(name: "pooltable", targets: ["CommandLine"]),

    // What may be used alone, each with what its interface names.
    .library(name: "JSON", targets: ["JSON"]),
    .library(name: "CognitoTriggers", targets: ["CognitoTriggers", "JSON"]),
    .library(name: "Postgres", targets: ["Postgres", "Clock"]),
    .library(name: "LambdaRuntime", targets: ["LambdaRuntime", "HTTP", "JSON", "Clock"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2")
  ],
  targets: [
    .systemLibrary(
      name: "CLibPQ",
      pkgConfig: "libpq",
      providers: [.apt(["libpq-dev"])]
    ),
    .systemLibrary(
      name: "CLibCurl",
      pkgConfig: "libcurl",
      providers: [.apt(["libcurl4-openssl-dev"])]
    ),
    // For the server's certificate: libpq hands out OpenSSL's own session.
    .systemLibrary(name: "CLibSSL", pkgConfig: "libssl", providers: [.apt(["libssl-dev"])]),
    // Not swift-crypto: libpq brings OpenSSL anyway, and a second library would double the zip.
    .systemLibrary(
      name: "CLibCrypto",
      pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]
    ),
    // Which domains of e-mail addresses are the same is decided by tables of Unicode's.
    .systemLibrary(
      name: "CLibIDN2",
      pkgConfig: "libidn2",
      providers: [.apt(["libidn2-dev"])]
    ),
    // What passwords were hashed by before Cognito: the C library's `crypt`, and Argon2.
    .systemLibrary(
      name: "CLibCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(
      name: "CLibArgon2", pkgConfig: "libargon2", providers: [.apt(["libargon2-dev"])]),

    // Only for pooltable: listings are kept packed.
    .systemLibrary(name: "CLibZ", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    .target(name: "Clock"),
    .target(name: "JSON"),
    .target(name: "Settings", dependencies: ["Clock"]),
    .target(name: "Postgres", dependencies: ["CLibPQ", "CLibSSL", "Clock"]),
    .target(name: "HTTP", dependencies: ["CLibCurl", "Clock"]),
    .target(name: "LambdaRuntime", dependencies: ["HTTP", "JSON", "Clock"]),
    .target(name: "CognitoTriggers", dependencies: ["JSON"]),
    .target(name: "AppSync", dependencies: ["JSON"]),
    .target(name: "PasswordHashes"),
    .target(
      name: "PasswordVerification",
      dependencies: ["PasswordHashes", "CLibCrypt", "CLibCrypto", "CLibArgon2"]),
    // For the command and the tests, never for bootstrap.
    .target(name: "SampleEvents", dependencies: ["CognitoTriggers", "AppSync", "JSON", "Clock"]),
    .target(name: "AWS", dependencies: ["HTTP", "JSON", "Settings", "Clock", "CLibCrypto"]),
    .target(
      name: "CognitoAPI",
      dependencies: ["CognitoTriggers", "AWS", "HTTP", "JSON", "Settings", "Clock"]),
    // Not vapor/jwt-kit: one RSA call, which libcrypto has, is no reason for another crypto library.
    .target(
      name: "TokenVerification",
      dependencies: ["AWS", "CognitoTriggers", "HTTP", "JSON", "Clock", "CLibCrypto"]),
    .target(
      name: "UserTable", dependencies: ["Postgres", "CognitoTriggers", "JSON", "Clock"]),
    .target(
      name: "CognitoPush", dependencies: ["UserTable", "CognitoAPI", "Postgres", "Clock"]),
    .target(
      name: "Doctor",
      dependencies: [
        "CognitoAPI", "CognitoTriggers", "AWS", "Postgres", "JSON", "Settings", "Clock",
      ]
    ),
    .target(
      name: "TriggerFunction",
      dependencies: [
        "Doctor",
        "CognitoPush", "UserTable", "CognitoAPI", "CognitoTriggers", "AppSync", "LambdaRuntime",
        "AWS", "PasswordHashes", "PasswordVerification",
        "HTTP", "Postgres", "JSON", "Settings", "Clock", "CLibIDN2",
      ],
      exclude: ["README.md"]
    ),
    .executableTarget(name: "bootstrap", dependencies: ["TriggerFunction"]),

    .target(
      name: "SchemaMigrations",
      dependencies: ["Postgres", "Clock"],
      exclude: ["README.md", "schema.sql"],
      resources: [.embedInCode("SQL")]
    ),
    .target(
      name: "Reconciliation",
      dependencies: [
        "CLibZ", "UserTable", "CognitoAPI", "CognitoTriggers", "Postgres", "JSON", "Clock",
      ]
    ),
    .target(name: "UserImport", dependencies: ["CognitoTriggers", "PasswordHashes"]),
    .target(name: "LocalLambda", dependencies: ["JSON", "Clock"]),
    .executableTarget(
      name: "CommandLine",
      dependencies: [
        "SchemaMigrations", "Reconciliation", "LocalLambda", "TriggerFunction", "TokenVerification",
        "SampleEvents", "Doctor", "UserImport", "UserTable", "CognitoTriggers", "AppSync",
        "CognitoPush", "CognitoAPI", "AWS", "HTTP", "Postgres", "JSON", "Settings", "Clock",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      exclude: ["README.md", "MESSAGES.md"]
    ),

    .target(
      name: "TestSupport",
      dependencies: [
        "SchemaMigrations", "CognitoAPI", "SampleEvents", "LocalLambda", "AWS",
        "HTTP", "Postgres", "JSON", "Settings", "Clock",
      ],
      path: "Tests/TestSupport"
    ),
    .testTarget(name: "ClockTests", dependencies: ["Clock"]),
    .testTarget(name: "SettingsTests", dependencies: ["Settings"]),
    .testTarget(name: "JSONTests", dependencies: ["JSON", "TestSupport"]),
    .testTarget(
      name: "PostgresTests", dependencies: ["Postgres", "Clock", "CLibPQ", "TestSupport"]),
    .testTarget(name: "HTTPTests", dependencies: ["HTTP", "Clock", "TestSupport"]),
    .testTarget(
      name: "AWSTests", dependencies: ["AWS", "HTTP", "Settings", "Clock", "TestSupport"]),
    .testTarget(
      name: "LambdaRuntimeTests",
      dependencies: ["LambdaRuntime", "HTTP", "Clock", "TestSupport"]
    ),
    .testTarget(
      name: "CognitoTriggersTests", dependencies: ["CognitoTriggers", "JSON", "TestSupport"]),
    .testTarget(name: "AppSyncTests", dependencies: ["AppSync", "JSON"]),
    .testTarget(name: "PasswordHashesTests", dependencies: ["PasswordHashes"]),
    .testTarget(
      name: "PasswordVerificationTests",
      dependencies: ["PasswordVerification", "PasswordHashes", "TestSupport"]),
    .testTarget(
      name: "SampleEventsTests",
      dependencies: [
        "SampleEvents", "CognitoTriggers", "AppSync", "JSON", "Clock", "TestSupport",
      ]),
    .testTarget(
      name: "CognitoAPITests",
      dependencies: ["CognitoAPI", "AWS", "JSON", "Settings", "Clock", "TestSupport"]),
    .testTarget(
      name: "TokenVerificationTests",
      dependencies: [
        "TokenVerification", "CognitoAPI", "AWS", "CognitoTriggers", "JSON", "Clock", "TestSupport",
      ]),
    .testTarget(
      name: "CognitoPushTests",
      dependencies: ["CognitoPush", "CognitoAPI", "Settings", "Clock", "TestSupport"]),
    .testTarget(
      name: "UserTableTests",
      dependencies: ["UserTable", "CognitoTriggers", "Clock"]),
    .testTarget(
      name: "DoctorTests",
      dependencies: [
        "Doctor", "CognitoAPI", "CognitoTriggers", "AWS", "Postgres", "JSON", "Clock",
        "SchemaMigrations", "TestSupport",
      ]),
    .testTarget(
      name: "TriggerFunctionTests",
      dependencies: [
        "TriggerFunction", "CognitoPush", "UserTable", "CognitoAPI", "CognitoTriggers",
        "LambdaRuntime", "PasswordHashes", "PasswordVerification", "AWS", "Postgres", "JSON",
        "Settings", "Clock", "TestSupport",
      ]),
    .testTarget(
      name: "SchemaMigrationsTests",
      dependencies: ["SchemaMigrations", "AWS", "Postgres", "JSON", "Clock", "TestSupport"]),
    .testTarget(
      name: "ReconciliationTests",
      dependencies: [
        "Reconciliation", "TriggerFunction", "UserTable", "CognitoAPI", "CognitoTriggers",
        "Postgres", "JSON", "Clock", "TestSupport",
      ]),
    .testTarget(
      name: "UserImportTests",
      dependencies: ["UserImport", "CognitoTriggers", "PasswordHashes", "TestSupport"]),
    .testTarget(name: "LocalLambdaTests", dependencies: ["LocalLambda", "Clock"]),
    .testTarget(
      name: "BootstrapTests",
      dependencies: [
        "bootstrap", "TriggerFunction", "CognitoAPI", "CognitoTriggers", "LocalLambda", "Postgres",
        "JSON", "Clock", "TestSupport",
      ]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: [
        "CommandLine", "bootstrap", "TriggerFunction", "Doctor", "SchemaMigrations",
        "Reconciliation", "CognitoPush", "UserTable", "CognitoAPI", "LocalLambda", "Postgres",
        "JSON", "Clock", "TestSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)

// Asked for by scripts/documentation only: nothing else fetches the plugin.
if Context.environment["POOLTABLE_DOCUMENTATION"] != nil {
  package.dependencies += [
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", exact: "1.5.0")
  ]
}
