//! alibaba-provider.
