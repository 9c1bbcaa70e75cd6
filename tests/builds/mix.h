unsigned mix(unsigned a, unsigned b, unsigned kind);
unsigned work(unsigned rounds, unsigned kind);
unsigned rare(unsigned a, unsigned b);
