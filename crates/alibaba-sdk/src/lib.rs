//! alibaba-sdk.
