/*
 * A Lua interpreter around Debian's static library:  lua SCRIPT SIZE
 *
 * Linked with --wrap=luaS_hash: outside of its own file, the library only uses that for
 * the seed of its hash tables, from the time and from addresses.  Here the seed is fixed,
 * so that every run takes the same branches.
 */
#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>
#include <stdio.h>

unsigned __wrap_luaS_hash(const char *text, size_t size, unsigned seed);
unsigned __wrap_luaS_hash(const char *text, size_t size, unsigned seed)
{
    (void)text, (void)size, (void)seed;
    return 42;
}

int main(int argc, char **argv)
{
    lua_State *lua = luaL_newstate();
    if (argc != 3 || !lua) {
        fputs("usage: lua SCRIPT SIZE\n", stderr);
        return 2;
    }
    luaL_openlibs(lua);
    lua_pushstring(lua, argv[2]);
    lua_setglobal(lua, "SIZE");
    if (luaL_dofile(lua, argv[1]) != LUA_OK) {
        fprintf(stderr, "lua: %s\n", lua_tostring(lua, -1));
        return 1;
    }
    lua_close(lua);
    return 0;
}
